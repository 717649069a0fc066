"""Whether a folder of images looks like infrared at all: an alarm, never a gate, and never a target to train for.

    folder = judge_folder("scans", figures, found.boxes)
    folder.alarms                 # sentences; empty where it is plausible, or where nothing can be said

Four skews of each image, a classifier for each opponent (`coefficients.json` says what they were fitted on), the vote
of persons on polarity where there are boxes, and the luminance of the photograph where there is one.
"""
