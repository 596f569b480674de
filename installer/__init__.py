"""Sets Galaxy Desktop up on a computer and starts it; standard library only.

`python3 installer run` is all that a person types. The order is told in `setup.py`, what is looked at on the
computer in `machine.py`, and where things go in `places.py`.
"""
