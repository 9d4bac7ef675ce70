"""The lessons: chapters to read, exercises to do, and the runner that checks them.

    chapters/timers_and_votes/lesson.md ---> the book, a notebook, pages in the terminal
             exercises.py               ---> the learner's folder ---> a check ---> what to look at

One source for each chapter. The runner asks before it tells (predict), plays what a learner did and
judges what came of it (make it happen, break it), and puts a function of theirs in the place of
ours (code). It explains nothing about Raft itself: sentences come from the rules that fired.

Pages, in reading order: `beliefs`, `glossary`, `exercise`, `chapter`, `lesson`, `run`, `goals`,
`sheet`, `verdict`, `judging`, `child`, `folder`, `progress`, `results`, `watching`, `telling`,
`guiding`, `command`, `cells`, `notebook`, `lab`, `frames`, `binding`, `book`, `lint`.
"""
