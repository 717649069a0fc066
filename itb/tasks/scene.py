"""Which of four options is the scene? (paper 4; RGB-NIR Scene)"""

from itb.tasks.base.labels import make_label_task
from itb.tasks.base.task import Paper

TASK = make_label_task("scene", "Kind of scene", ("rgbnir", "scenes"), Paper(477, ("rgbnir",)))
