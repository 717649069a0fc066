"""Forms of answers that ITB does not have: several options, a closed word, an order, points, boxes, free text.

Answers of several parts are written with ", " between them (`join_parts`), points and boxes as a list of numbers.
"""
