"""What neighbours who mean harm do to one exporter, and what somebody else notices of it, one kind a file.

Each scene says in `NAME` and `TITLE` what the neighbour does, in `make(stage)` what is there before the exporter starts,
and in `harm(stage, until)` what is done while it runs, by a process of its own.
"""
from . import clients, files, pages, passwords, settings, standard_error

SCENES = {scene.name: scene for module in (files, clients, pages, passwords, settings, standard_error) for scene in module.SCENES}
