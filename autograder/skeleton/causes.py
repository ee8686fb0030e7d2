"""Why an answer of LAB is wrong, one sentence a cause."""

from __future__ import annotations

CAUSES = {
    "shares_of_largest": "The counts were divided by the largest: divide by how many there are "
    "in all.",
    "shares_of_number": "The counts were divided by how many kinds there are: divide by their sum.",
    "shares_percent": "These are percentages: a share lies between 0 and 1.",
    "shares_softmax": "softmax was used: it makes shares of scores, not of counts.",
    "shares_whole_division": "The division dropped the fraction: `//` gives whole numbers.",
}
