"""InfraredSolarModules."""
