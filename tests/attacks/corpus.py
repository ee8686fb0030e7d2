"""All attacks."""

from answers import ANSWERS
from messages import MESSAGES
from patches import PATCHES
from processes import PROCESSES
from reaching import REACHES
from reading import READS
from replies import REPLIES
from resources import RESOURCES
from showing import SHOWS

ATTACKS = [
    *ANSWERS,
    *PATCHES,
    *REPLIES,
    *MESSAGES,
    *READS,
    *REACHES,
    *PROCESSES,
    *RESOURCES,
    *SHOWS,
]
