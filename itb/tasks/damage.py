"""Which of four anomalies does a solar module show? (beyond the paper; InfraredSolarModules)"""

from itb.tasks.base.labels import make_label_task

TASK = make_label_task("damage", "Damage of solar modules", ("solar",))
