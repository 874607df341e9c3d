"""What must hold of everything that parses, written once and driven twice: by Hypothesis and by a fuzzer.

``targets/`` has one module per parser. Its ``check`` asserts the properties on typed values: tests draw those with
Hypothesis. Its ``one`` reads the values from bytes: ``make fuzz`` mutates those, and tests/fuzz/ replays ``seeds/`` and
``findings/`` in the suite.
"""
