"""The checks that a student runs under each TO-DO: ``from gptlab.checks import lab01_bigram``.

One module a lab, one function an item. A check holds only numbers that were worked by hand in the
lab, takes under two seconds and needs neither a download nor anything but this package.
"""
