"""What to try first where a check of the gate has not passed: one sentence for each.

In:       nothing.
Out:      texts; `run` prints them below the check.
Failure:  none.

The limit is never the first thing to change.
"""

BLOCKS = "deliver a source that covers more of them; with fewer than 20, nobody can tell"
DAYS = (
    "deliver a source that covers more of them; data by year or month rarely has 20 times: then leave the"
    " time out of the key, and set `SPLIT_BY`"
)
SKILL = "look for a mistake in labels.sql and features.sql; then give the model what the baseline knows"
BY_CHANCE = "this may be chance: evaluate on more newest rows, or take a simpler model with fewer inputs"
CHAMPION = "undo what has changed since the champion was trained, one by one: SQL, contracts, model.py"
MISFIT = "bring back what the champion needs; if it is gone for good, compare the two by their reports"
LEARNT = "deliver newer rows; if these are right although they end earlier, compare the two by their reports"
GROUP = (
    "look at the rows of the group; then give the model a column that tells groups apart: `modelInput: true`"
)
CALIBRATION = "leave out class weights and resampling; then take a simpler model, with more rows in each leaf"
COVERAGE = "look for what has changed in the newest rows: a season, a unit, a source; then give it a column"
BIAS = "the level has moved: give the model a column that follows it, as the last known value"
DECISIONS = "look at the importance of inputs in the report, and for inputs that are null in the newest rows"
ALONE = "if a caller cannot know it in time, leave it out, and mark its source column `knownAfterOutcome`"
SEEN = (
    "look for rows delivered twice or multiplied by a join; if they are of one unit, as the lines of an"
    " order, have a column of the key name it, and set `SPLIT_BY`"
)
ROLLED_BACK = "correct what was wrong with it: the same rows and code give the same version again"
