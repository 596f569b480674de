"""How people say the things that code stores: every phrase with the kind of fact that it states.

Each row is (kind, phrase). A phrase is words and slots: `<span>` is a number of days, `<n>` a count, `<pct>` a share,
`<when>` a day, `<items>` other items, and so on (see `reading`). `ITEM` rows say something about an item: the item may
stand in front ("PR #7 is idle"), in the phrase (`<item>`), or be the one that was spoken of before. `SPRINT` rows speak of
the sprint as a whole; those of `SPRINT_VERBS` need it as their subject.

A sentence counts as read only when phrases cover all of it, word by word. So a phrase that is missing here costs a true
sentence its place and never lets a false one through; what a phrase must not do is mean two things.
"""

from __future__ import annotations

from galaxy_desktop.reason.slots import OPERATOR

_HAS = "(?:has|have)"
_IS = "(?:is|are|remains?|stays?|has been|have been)"
_BEEN = "(?:has been|have been|is|are|remains?|has remained|have remained|has stayed|being)"
_NO_NEWS = "(?:activity|movement|updates?|progress|news|changes?)"
_IDLE = f"(?:idle|inactive|untouched|quiet|silent|stale|dormant|without (?:any )?{_NO_NEWS})"
_REVIEW = "(?:a |its |their |code |a code )?reviews?"
_MOVED = "(?:moved|been touched|been updated|been active|changed|seen any activity|had any activity|seen any movement)"
_SPRINT = "(?:the sprint|this sprint|it|the milestone|the team)"
_IN_TIME = (
    "(?:in time|on time|on schedule|by then|by (?:its|the) (?:due date|deadline|end date|end)|before (?:its|the) (?:due date|deadline)"
    "|by (?:its|the) due date of <by>|(?:on or )?by <by>|on <by>)"
)
_LAND = (
    "(?:lands?|finish(?:es)?|(?:be|is|are) (?:done|finished|completed|complete)|completes?|ends?|makes? it|be delivered|be on time|arrives?"
    "|meets? (?:its|the) (?:due date|deadline)|all items (?:be|are) done)"
)
_LANDING = (
    "(?:landing|finishing|being (?:done|finished|completed|complete)|completing|completion|success|delivery|finishing all items"
    "|meeting (?:its|the) (?:due date|deadline)|making it)(?: (?:the sprint|all items|the work|it))?"
)
_GOAL = (
    f"(?: (?:of|for) (?:{_SPRINT} )?{_LANDING}(?: {_IN_TIME})?| (?:that )?(?:{_SPRINT}) (?:will |would )?{_LAND}(?: {_IN_TIME})?"
    f"| {_LANDING}(?: {_IN_TIME})?| to {_LAND}(?: {_IN_TIME})?| for the sprint| of the sprint| {_IN_TIME})"
)
_STANDS = "(?:is|are|stands? at|sits? at|lies at|remains?(?: at)?|comes to|of|at|amounts to|is now|is estimated at|is put at|is forecast at)"
_CHANCE = "(?:probability|chances?|likelihood|odds)"
_WORK = "(?:items?|tasks?|tickets?|of items|of (?:its|the|all|all the) items?|of (?:its|the) work)"
_DONE = "(?:done|completed|complete|finished|closed)"
_OPEN = "(?:open|left|remaining|outstanding|unfinished|to go|to do|to be done|left to do|left to go|still to do|unresolved|yet to be done|not done|incomplete|in need of work)"
_ARE = "(?:is |are |have been |has been |being |remains? |is now |are now )?"
_THERE = "(?:there (?:is|are|remains?) |(?:it|the sprint|this sprint|the team) (?:still )?(?:has|have|lists|shows|carries|faces|counts) |has |have |leaving |leaves |showing |lists )?"
_GAIN = "(?:raise|increase|improve|lift|boost|push up)"
_LOSS = "(?:lower|reduce|decrease|cut|drop)"
_RAISING = "(?:raising|increasing|improving|lifting|boosting)"
_OF_P = f"(?:the |its )?(?:sprint's )?(?:{_CHANCE}|forecast|p){_GOAL}?"
_SEV = "(?:is |are |is rated |is rated as |are rated |are rated as |has been rated |stands at |is considered |is marked as |is assessed as |rated |is at )"
_FOUND = (
    "(?: (?:was|were|has been|have been|is|are) (?:found|identified|listed|detected|flagged|recorded)| found| listed)?"
)
_START = "(?: since (?:the|its) (?:start|beginning)| since it (?:started|began)| after (?:the|its) start| after it (?:started|began)| after planning)"
_ADD = "(?:added|put in|brought in)"
_REMOVE = "(?:removed|taken out|dropped|cut)"
_ENDED = "(?: ?:+ ?:? ?(?:failure|error|timed out|cancelled))?"
_CONCERN = "(?:concerns?|affects?|(?:are|is) on|comes? from|belongs? to)"
_CRITERIA = "(?:acceptance criteria|criteria|acceptance criteria or a checklist)"

ITEM: tuple[tuple[str, str], ...] = (
    ("idle", f"(?:{_BEEN} |{_HAS} (?:sat|lain|gone) |{_HAS} been (?:sitting|lying) |sits? |lies |{_HAS} seen no movement and is )?{_IDLE}(?: <time>)?"),
    ("idle", f"{_HAS} (?:had|seen|shown) no {_NO_NEWS} (?:<time>|in <span>)"),
    ("idle", f"(?:shows?|sees?) no {_NO_NEWS} <time>"),
    ("idle", f"{_HAS} not {_MOVED} (?:<time>|in <span>)"),
    ("idle", f"{_HAS} gone <span> without (?:any )?{_NO_NEWS}"),
    ("idle", "(?:last moved|was last (?:active|touched|updated)|last saw (?:any )?activity) (?:<ago>|<onday>)"),
    ("idle", f"(?:there has been |there was )?no {_NO_NEWS} on <noneof> <time>"),
    ("idle", "nothing has (?:moved|happened|changed) on <noneof> <time>"),
    ("idle", "it has been <span> since <item> (?:last moved|was last active|had any activity|was last touched|was last updated|saw any activity)"),
    ("waiting", f"(?:{_BEEN} |sits? |{_HAS} sat |{_HAS} been sitting )?(?:waiting|pending|awaiting|waited)(?: <time>)? (?:for |on |in )?{_REVIEW}(?: <time>)?"),
    ("waiting", f"(?:waits?|awaits?|{_HAS} awaited|{_HAS} waited)(?: <time>)? (?:for |on )?{_REVIEW}(?: <time>)?"),
    ("waiting", f"{_HAS} waited <span> for {_REVIEW}"),
    ("waiting", f"(?:{_BEEN} )?(?:unreviewed|without {_REVIEW}|in need of {_REVIEW})(?: <time>)?"),
    ("waiting", f"{_HAS} (?:sat|gone|been sitting|been open) (?:unreviewed|without {_REVIEW}) <time>"),
    ("waiting", f"{_HAS} gone <span> without {_REVIEW}"),
    ("waiting", f"{_HAS} not (?:yet )?been reviewed (?:<time>|in <span>)"),
    ("waiting", "(?:the )?(?:code )?review (?:of|for|on) <item> (?:has been |is )?(?:pending|outstanding|waiting|waited for)(?: <time>)?"),
    ("waiting", "(?:a |the )?review (?:of|for|on) <item> has been (?:requested|awaited) <time>"),
    ("working", f"(?:{_BEEN} |{_HAS} been sitting )?(?:in work|in progress|under way|underway|worked on|being worked on|in development)(?: <time>)?"),
    ("working", "(?:was |were )?(?:started|begun|began) (?:<ago>|<onday>)"),
    ("working", "work on <item> (?:started|began|was started|has been going on|has been under way|has lasted) (?:<ago>|<onday>|<time>)"),
    ("held", f"(?:{_IS} |{_BEEN} )?(?:held up|held back) by (?:<n> (?:other |open )?{_WORK}(?::|,|, namely) <items>|<items>|<n> (?:other |open )?{_WORK})"),
    ("blocked", f"{_IS} blocked(?: by (?:another|some other) item)?"),
    ("blocked", f"(?:{_IS} )?(?:waits?|waiting) (?:for|on) another item"),
    ("blocked", f"(?:{_IS} |{_BEEN} )?blocked by (?:<n> (?:other |open )?{_WORK}(?::|,|, namely) <items>|<items>|<n> (?:other |open )?{_WORK})"),
    ("blocked", "(?:depends?|depending) on (?:<items>|<n> (?:other |open )?items?)"),
    ("blocked", f"(?:{_IS} )?(?:waits?|waiting) (?:for|on) (?:<n> (?:other )?items?(?::|,) )?<items>(?: to (?:be done|be finished|finish|be merged|be closed))?"),
    ("blocked", "(?:cannot|can not) (?:start|proceed|finish|continue|move forward|move on|be finished|be done|be completed|go on)"
                " (?:until|before) <items> (?:is|are) (?:done|finished|merged|resolved|closed|complete|completed)"),
    ("blocks", f"(?:{_IS} )?(?:blocks?|blocking) (?:<n> (?:other |open )?{_WORK}(?::|,|, namely) <items>|<items>|<n> (?:other |open )?{_WORK})"),
    ("holds", f"(?:{_IS} )?(?:holds? up|holding up|holds? back|holding back) (?:<n> (?:other |open )?{_WORK}(?: in <repos> repositories)?(?::|,|, namely) <items>"
              f"|<items>|<n> (?:other |open )?{_WORK}(?: in <repos> repositories)?)"),
    ("blocks", "(?:which |and )?(?:is |are )(?:a |the )?blockers? (?:for|of) <items>"),
    ("red", "(?:the |its )?(?:ci )?(?:build|pipeline|ci|ci build|ci run) (?:of|for|on) <item> (?:is|has been|remains) (?:red|failing|broken)"),
    ("red", "(?:the )?(?:ci )?(?:build|pipeline|ci|ci build|ci run) (?:of|for|on) <item> (?:failed|fails|has failed)"),
    ("red", "<item>'s (?:ci )?(?:build|pipeline|ci) (?:is (?:red|failing|broken)|fails|failed|has failed)"),
    ("red", f"{_HAS} a (?:red|failing|broken|failed) (?:ci )?(?:build|pipeline|ci run)"),
    ("red", "(?:its|the) (?:ci )?(?:build|pipeline) (?:is (?:red|failing|broken)|fails|failed|has failed)"),
    ("no criteria", f"(?:{_HAS} no|lacks?|lacking|{_IS} missing|missing|comes? without|{_HAS} not got any|is without) {_CRITERIA}"),
    ("no criteria", f"{_CRITERIA} are missing (?:on|for|in|from) <item>"),
    ("no criteria", f"(?:there are )?no {_CRITERIA} (?:on|for|in) <item>"),
    ("conflict", f"(?:conflicts?|conflicting|{_IS} in conflict|overlaps?|{_HAS} (?:a )?(?:merge )?conflicts?) with <items>"),
    ("no owner", f"(?:{_HAS} (?:no|no assigned) (?:owner|assignee)|{_IS} unassigned|{_IS} not assigned(?: to (?:anyone|anybody))?|lacks? an (?:owner|assignee)"
                 f"|is without an (?:owner|assignee)|{_HAS} nobody assigned|{_HAS} not been assigned(?: to (?:anyone|anybody))?)"),
    ("no owner", "(?:nobody|no one) (?:is assigned to|owns|has taken|works on) <noneof>"),
    ("no owner", f"{_HAS} (?:no one|nobody|not anyone) assigned(?: to (?:it|them))?"),
    ("owner", "(?:is|are) (?:owned by|assigned to|in the hands of) <name>"),
    ("owner", "(?:the )?(?:owner|assignee) of <item> is <name>"),
    ("owner", "<name> (?:is assigned to|owns|is the (?:owner|assignee) of) <item>"),
    ("asked", "(?:waits?|is waiting|has been waiting)(?: <time>)? for (?:a |the )?review (?:by|from|of) <name>"),
    ("asked", "<name> (?:was|is|has been) asked (?:to review|for a review of) <item>"),
    ("asked", "(?:a |the )?review (?:of|on|for) <item> (?:is|was|has been) requested from <name>"),
    ("author", "(?:was |were )?(?:opened|created|filed|reported|written) by <name>(?: <onday>| <ago>)?"),
    ("author", "(?:was |were )?(?:opened|created|filed|reported) (?:<onday>|<ago>) by <name>"),
    ("author", "<name> (?:opened|created|filed|reported) <item>(?: <onday>| <ago>)?"),
    ("created", "(?:was |were )?(?:opened|created|filed|reported) (?:<onday>|<ago>)(?:,? on <when>)?"),
    ("open", "(?:is|are|remains?|stays?) (?:open|not (?:yet )?(?:done|closed|merged|finished|completed)(?: yet)?|unfinished|unmerged|incomplete)"),
    ("open", f"{_HAS} not (?:yet )?been (?:closed|merged|finished|completed)(?: yet)?"),
    ("open", f"{_HAS} (?:yet|still) to be (?:closed|merged|finished|completed)"),
    ("draft", "(?:is|are|remains?) (?:a |in )?drafts?"),
    ("closed", "(?:is|are|was|were|has been|have been) (?:closed|done|completed|finished|resolved)(?: <onday>| <ago>)?(?:,? on <when>)?"),
    ("closed", "has been closed since <when>"),
    ("merged", "(?:is|are|was|were|has been|have been) merged(?: <onday>| <ago>)?(?:,? on <when>)?"),
    ("label", "(?:is|are) labell?ed (?:as )?<name>"),
    ("label", f"(?:{_HAS}|carries|carry|bears?) the label <name>"),
    ("label", f"(?:{_HAS}|carries|carry|bears?) the labels <name>(?:(?:,? and|,) <name>)*"),
    ("in milestone", "(?:is|are|belongs?|lies) (?:in|part of|planned for|assigned to|on|to) (?:the )?milestone <name>"),
    ("repository", "(?:is|are|lies|belongs?) (?:in|to) (?:the )?repository <name>"),
    ("size", f"(?:changes?|touches|{_HAS}|spans|adds and deletes) <n> (?:changed )?lines"),
    ("files", "(?:changes?|touches|spans) <n> files?"),
    ("comments", f"{_HAS} (?:received |gathered )?<n> comments?"),
    ("ticked", f"{_HAS} <ratio> (?:boxes|checkboxes|tasks|checklist items) (?:ticked|checked|done)"),
    ("risk", f"(?:the )?risk(?: of)? (?:a )?<rkind> (?:of|on|for|at) <item> {_SEV}<sev>"),
    ("risk", f"(?:the )?<rkind> risk (?:of|on|for|at) <item> {_SEV}<sev>"),
    ("risk", f"(?:the )?<rkind> (?:of|on|for|at) <item> {_SEV}<sev>"),
    ("risk", "the severity of (?:the )?(?:risk <rkind>|<rkind> risk|<rkind>) (?:of|on|for) <item> is <sev>"),
    ("risk", "the severity of (?:the |its )?(?:risk <rkind>|<rkind> risk|<rkind>) is <sev>"),
    ("risk", f"(?:the |its )?(?:risk <rkind>|<rkind> risk) {_SEV}<sev>"),
    ("risk", f"(?:{_HAS}|carries|carry|faces?|poses?|posing|shows?|presents?|presenting|carrying|with) a <sev>(?:-severity| severity)? (?:<rkind> risk|risk(?: of(?: a)?|:)? <rkind>)"),
    ("risk", "(?:is|are|has been|was) (?:flagged|rated|marked|listed|seen) (?:as )?an? <sev>(?:-severity| severity)? (?:<rkind> risk|risk(?: of(?: a)?|:)? <rkind>)"),
    ("risk", "(?:is|are|has been|was) (?:flagged|rated|marked|listed) as (?:a )?<sev>(?:-severity| severity)? risk"),
    ("risk", "(?:is|are|poses|posing|remains) an? <sev>(?:-severity| severity)? risk"),
    ("risk", "(?:the |a )?<sev>(?:-severity| severity)? (?:<rkind> risk|risk(?: of(?: a)?|:)? <rkind>) (?:concerns|affects|comes from|is on) <item>"),
    ("effect", f"<act> (?:would|could) {_GAIN} (?:{_OF_P}|it) by <pts>(?:,? (?:from <pct2> )?to <pct>)?"),
    ("effect", f"<act> (?:would|could) (?:add|bring|yield|gain) <pts>(?: to {_OF_P})?"),
    ("effect", "(?:compared (?:to|with)|against|versus) <pts> (?:for|by|from|with|through) <act>"),
    ("effect again", f"(?:(?:would|could) {_GAIN}|{_RAISING}) (?:{_OF_P}|it) by <pts>(?:,? (?:from <pct2> )?to <pct>)?"),
    ("outdoes", "<cmp> than <act>(?: would| does)?(?: \\(<pts>\\)|,? (?:by|at|with) <pts>)?"),
    ("effect", f"<act> (?:would|could) {_GAIN} {_OF_P} (?:from <pct2> )?to <pct>"),
    ("effect", f"with <act>, (?:the |its )?{_CHANCE}{_GOAL}? (?:would|could) (?:rise|increase|go up|grow) by <pts>"),
    ("effect", f"(?:the |its )?{_CHANCE}{_GOAL}? (?:would|could) (?:rise|increase|go up|grow|go|climb|improve) (?:by <pts>(?:,? (?:from <pct2> )?to <pct>)?|(?:from <pct2> )?to <pct>) (?:by|through|with|after) <act>"),
    ("loss", f"<act> (?:would|could) {_LOSS} {_OF_P} by <pts>(?: to <pct>)?"),
    ("effect", f"{_RAISING} {_OF_P} by <pts>(?: to <pct>)? (?:by|through) <act>"),
    ("best", f"<act> (?:would|could) {_GAIN} {_OF_P} (?:the )?most(?:,? by <pts>)?"),
    ("best", f"(?:the )?(?:action|step) (?:that (?:would|could) {_GAIN} {_OF_P} (?:the )?most|with the (?:largest|biggest|greatest|most) (?:effect|impact)(?: on {_OF_P})?) (?:is|would be) <act>(?:,? (?:by|with|adding|with an increase of|with a gain of) <pts>)?"),
    ("best", f"<act> is the (?:action|step) that (?:would|could) {_GAIN} {_OF_P} (?:the )?most(?:,? (?:by|with) <pts>)?"),
    ("rise", "(?:would|could) (?:rise|increase|go up|grow|go|climb|improve) (?:by <pts>(?:,? (?:from <pct2> )?to <pct>)?|(?:from <pct2> )?to <pct>) (?:by|through|with|after) <act>"),
    ("best", f"<act> (?:would|could) have the (?:largest|biggest|greatest|most) (?:effect|impact)(?: on {_OF_P})?(?:,? (?:{_RAISING} (?:{_OF_P}|it) by|adding|with|of) <pts>)?"),
    ("best", f"<act> (?:would|could) help (?:the )?most(?:,? (?:adding|{_RAISING} {_OF_P} by) <pts>(?: to {_OF_P})?)?"),
    ("worst", "(?:the )?(?:most severe|most serious|gravest|highest|top|worst) risk (?:is|comes from) (?:the |a )?(?:<rkind> risk|risk <rkind>|<rkind>) (?:of|on|for|at) <item>(?:,? (?:which is |rated |which is rated |with severity |at )?<sev>)?"),
    ("worst", f"(?:{_HAS}|carries|poses) the (?:most severe|most serious|highest|worst) risk(?:,? (?:a )?<rkind>)?"),
    ("risk", f"(?:there is |with )?(?:a |one )?<sev>(?:-severity| severity)? (?:<rkind> risk|risk(?: of(?: a)?|:)? <rkind>|risk \\(<rkind>\\))(?:{_FOUND})? (?:for|on|at|of|with) <item>"),
    ("risk", "(?:the |a )?<rkind> (?:of|on|for|at) <item> (?:is|poses|was found as|(?:is|was) (?:rated|listed|seen|flagged|marked)(?: as)?) (?:a )?<sev>(?:-severity| severity)? risk"),
    ("waiting", f"{_HAS} been (?:open|ready|up) for {_REVIEW} <time>"),
    ("waiting", f"(?:needs?|{_IS} in need of) {_REVIEW} after (?:waiting (?:for )?<span>|<span> of waiting)"),
    ("waiting", f"{_HAS} (?:had to wait|been left waiting)(?: <time>)? for {_REVIEW}(?: <time>)?"),
    ("no owner", "without (?:an |any )?(?:owner|assignee)"),
    ("no criteria", f"without (?:any )?{_CRITERIA}"),
    ("red", "with a (?:red|failing|broken) (?:ci )?(?:build|pipeline)"),
    ("red", f"(?:the |its )?(?:newest|latest|last|most recent) commit (?:of|on|in) <item> (?:fails|failed|is failing|has failed){_ENDED}"),
    ("red", f"(?:the )?(?:ci )?build (?:of|for|on) <item> is red{_ENDED}"),
    ("red", "(?:the )?(?:ci )?build is (?:red|failing|broken) (?:of|for|on) <item>"),
    ("waiting", "(?:with |has |have )?a waiting time of <span>"),
    ("named risk", "(?:is|are|has|have) (?:a |an )?<rname>"),
    ("risk", "the risks(?: include| includes| are|:) (?:a |an |the )?<rkind> (?:of|on|for|at) <item>"),
    ("effect by", "<act>,? by <pts>"),
    ("effect item", "<item>,? by <pts>"),
    ("waiting", f"(?:{_BEEN} )?(?:waiting|pending) for {_REVIEW} after <span>"),
    ("not asked", "(?:nobody|no one) (?:was|has been|is) asked(?: to review(?: it| them)?| for (?:a|its|their) review| for §c\\d+)?"),
    ("late item", "(?:is |are )?<pct> likely to miss (?:the|its|their) (?:end|due date|deadline)(?: of)?"),
    ("late item", "(?:has|have|with) <pct> (?:chance|risk|probability|likelihood) of missing (?:the|its|their) (?:end|due date|deadline)"),
    ("raises", "raises (?:the|its) risk"),
    ("late again", "(?:is |are |has |have |at )?<pct>(?: likely| chance)?"),
    ("again", "<time>"),
    ("decides", "(?:this )?decides the end in <pct> of (?:the |all )?(?:simulated )?runs"),
    ("joined", f"(?:was |were |has been |have been )?{_ADD}(?: to (?:the sprint|it))?{_START}"),
    ("joined", f"(?:came|has come|have come) in(?:to (?:the sprint|it))?{_START}"),
    ("joined", f"(?:has |have )?(?:joined|entered)(?: the sprint| it)?{_START}"),
    ("aged", "(?:has been |have been |is |are )?(?:in work |in progress )?(?:for )?longer than <pct> of (?:the |all )?past items(?: took| were| did)?"),
    ("steps", "(?:has |have )?<ratio> steps? (?:of|on|in) (?:its|the) (?:list|checklist) (?:is |are )?(?:left|open|remaining|to do)"),
    ("risk", f"(?:the )?<rkind> around <item> {_SEV}<sev>"),
    ("named risks", f"(?:{_HAS}|carries|carry|faces?) <n> <sev>(?:-severity| severity)? risks?(?::|,|) <rlist>"),
    ("named risks", f"<n> <sev>(?:-severity| severity)? risks?(?::|,) <rlist>,? (?:both |all )?{_CONCERN} <item>"),
    ("the risks", f"the <n> <sev>(?:-severity| severity)? risks?(?::|,) <rlist>,? (?:both |all )?{_CONCERN} <item>"),
    ("all risks", f"<bothall> (?:of the )?<sev>(?:-severity| severity)? risks? {_CONCERN} <item>"),
    ("only risk", "the only <sev>(?:-severity| severity)? risk (?:is|comes from) (?:the |a )?<rkind>(?: risk)? (?:of|on|for|at|held up by|around) <item>"),
    ("bare risk", "(?:the |a )?<rkind>(?: risk)? (?:of|on|for|at) <item>"),
    ("longer", "(?:has been|have been|has) <state>(?: for)? <times> as long as <than>"),
    ("longer", "(?:has been|have been|has) <state>(?: for)? (?:<more> )?longer than <than>(?: has| has been)?"),
)  # fmt: skip
"""Phrases about an item."""

SPRINT: tuple[tuple[str, str], ...] = (
    ("progress", f"{_THERE}<ratio> {_WORK} {_ARE}{_DONE}"),
    ("progress", f"<ratio> {_ARE}{_DONE}"),
    ("progress", f"of (?:the|its|all|a total of) <total> items, <n> {_ARE}{_DONE}"),
    ("progress", f"(?:of|out of) <total> items, <n> {_ARE}{_DONE}"),
    ("progress", f"<n> {_ARE}{_DONE} out of (?:a total of )?<total>(?: items)?"),
    ("progress", f"{_THERE}<n> (?:of <total> )?{_WORK} {_ARE}{_DONE}"),
    ("progress", f"(?:the team|the sprint|it) has {_DONE} (?:<ratio>|<n>) {_WORK}"),
    ("progress", f"<n> {_ARE}{_DONE}"),
    ("share", f"<ratio> {_WORK} \\(<pct>\\) {_ARE}{_DONE}"),
    ("share", f"<ratio> {_WORK} {_ARE}{_DONE},? \\(?(?:or |which is |that is |about )?<pct>\\)?"),
    ("share", f"<pct> (?:{_WORK}|of the sprint|of it|of everything) {_ARE}{_DONE}(?:,? at <pct>)?"),
    ("share", "(?:the sprint )?(?:is |stands )?at <pct> (?:completion|complete)"),
    ("elapsed", "(?:elapsed: <pct>|<pct> of (?:the sprint|the time|its time|it) (?:has|have|is|are) (?:elapsed|passed|over))"),
    ("blocked items", "(?:blocked items: <n> items?|(?:there (?:is|are) )?<n> (?:items? (?:is|are) blocked|blocked items?))"),
    ("red pulls", "(?:red pull requests: <n> items?|(?:there (?:is|are) )?<n> (?:pull requests? (?:has|have|with) a (?:red|failing) build|red pull requests?))"),
    ("share", f"(?:the sprint|it) is <pct> {_DONE}"),
    ("share", f"<pct> \\(<ratio>\\) of (?:the|its|all) items {_ARE}{_DONE}"),
    ("quantifier", f"<quant> (?:of )?(?:the |its )?items {_ARE}(?:<doneword>|<openword>)"),
    ("quantifier", f"<quant> (?:the |its )?<total> items {_ARE}(?:<doneword>|<openword>)"),
    ("quantifier", f"all (?:of (?:the|its) )?<total> items {_ARE}(?:<doneword>|<openword>)"),
    ("quantifier", "nothing is <doneword>"),
    ("openratio", f"{_THERE}<ratio> {_WORK} {_ARE}{_OPEN}"),
    ("openratio", f"<pct> {_WORK} {_ARE}{_OPEN}"),
    ("open items", f"{_THERE}<n> (?:more |other )?{_WORK} {_ARE}{_OPEN}"),
    ("open items", f"{_THERE}<n> (?:open|unfinished|remaining|outstanding|incomplete) {_WORK}(?: {_OPEN})?"),
    ("open items", f"<n> {_WORK} (?:remain|remains|are left|is left|still need to be done|need to be done|need work)(?: {_OPEN})?"),
    ("open items", f"(?:leaving |leaves |has |with )?<n> {_ARE}{_OPEN}"),
    ("open items", "<n> remains?(?: open| unfinished)?"),
    ("open items", "(?:the )?(?:remaining|other) <n>(?: items?)? (?:is|are) open"),
    ("total", f"{_SPRINT} (?:has|contains|consists of|covers|includes|holds|comprises|counts) <n> items?"),
    ("total", "(?:there (?:is|are) )?<n> items? (?:in total|altogether|in all|make up the sprint|belong to the sprint)"),
    ("total", "(?:a|the) total of <n> items?"),
    ("total", "bringing (?:the|its) total(?: number of items)? to <n>(?: items?)?"),
    ("share again", "<pct>"),
    ("odds goal", f"(?:the sprint )?(?:has |have |with |there is )?(?:(?:about |roughly )?(?:a |an )?)?<oa> in <ob> {_CHANCE}{_GOAL}?"),
    ("more", "(?:there are )?more (?:items )?(?:are )?<aword>(?: items)? than (?:are )?<bword>(?: items)?"),
    ("more", "fewer items are <bword> than (?:are )?<aword>"),
    ("due", "(?:with |has )?(?:a|the|its) (?:due date|deadline|end date) (?:of|on) <when>"),
    ("due", "(?:the |its )?(?:sprint's )?(?:due date|deadline|end date|end)(?: of the sprint)? <when>"),
    ("due", "(?:the |its )?(?:sprint's )?(?:due date|deadline|end date|end)(?: of the sprint)? (?:is|falls on|is set for|is on|is set to|lies on|of|on) (?:<when>|<onday>)"),
    ("overdue", "(?:the |its )?(?:due date|deadline|end) (?:has )?passed(?: <span> ago)?(?:,? on <when>)?"),
    ("overdue", "(?:the |its )?(?:due date|deadline|end) (?:was|lies) <span> (?:ago|back|in the past)(?:,? on <when>)?"),
    ("days left", "(?:the |its )?(?:sprint's )?(?:due date|deadline|end) is (?:in )?<span>(?: away| ahead| from now)?"),
    ("days left", "(?:there (?:is|are) |with |leaving |has )?<span> (?:left|to go|remaining|remain|remains)(?: until (?:the|its) (?:due date|deadline|end))?"),
    ("days left", "<span> until (?:the|its) (?:due date|deadline|end)"),
    ("no due", "(?:there is |has )?no (?:due date|deadline|end date)"),
    ("due moved", "(?:the |its )?(?:due date|deadline|end date|end) (?:was |has been |has |had been )?(?:moved|pushed back|postponed|shifted|changed)"
                  "(?: by <span>)?,?(?: from <from>)?(?: to <when>)?"),
    ("chance", f"(?:there is |there's |has |have |with |at |holds |faces |the sprint has |it has |gives |giving |putting it at |showing )?<pct> {_CHANCE}{_GOAL}?"),
    ("chance", f"(?:the |its |a )?(?:current |overall |estimated |forecast )?(?:sprint's )?(?:{_CHANCE}|forecast){_GOAL}? {_STANDS} <pct>(?: {_CHANCE})?{_GOAL}?"),
    ("chance", f"(?:there is |has |have |with |the sprint has |it has )?(?:a |an )?{_CHANCE} of <pct>{_GOAL}?"),
    ("chance", f"(?:there is |has |have |with |the sprint has |it has )?(?:a |an )?{_CHANCE}{_GOAL} of <pct>"),
    ("chance", f"(?:the |its )?forecast (?:gives|shows|puts|sees|states|predicts|has)(?: the sprint| it)?(?: at)? (?:a |an )?(?:{_CHANCE} of )?<pct>(?: {_CHANCE})?{_GOAL}?"),
    ("chance", f"(?:(?:the |its )?forecast )?(?:gives|puts|estimates|sets) the {_CHANCE}{_GOAL}? at <pct>"),
    ("chance", f"(?:the sprint |it )?(?:is |are )?<pct> likely{_GOAL}"),
    ("chance", f"<pct> {_GOAL}"),
    ("chance", f"<pct> of (?:the |all )?(?:<runs> )?(?:simulated )?(?:runs|simulations) {_LAND} {_IN_TIME}"),
    ("odds", "(?:which is |that is |is |or )?(?:about |roughly |around )?<oa> in <ob>"),
    ("gap day", "(?:which is |that is |is )?<span> <side> (?:the|its) (?:due date|deadline|end)"),
    ("before due", "<span> before (?:the|its) (?:due date|deadline|end)"),
    ("versus", f"(?:which is |this is |that is |is )?<cmp> than the <pct> {_CHANCE}{_GOAL}?(?: of this (?:one|sprint))?"),
    ("base rate", "<pct> of (?:the |all )?(?:past|earlier|previous) sprints (?:were|have been) (?:closed|done|finished|completed) (?:in|on) time"),
    ("base rate", "(?:past|earlier|previous) sprints (?:were|have been) (?:closed|done|finished|completed) (?:in|on) time in <pct> of (?:the |all )?cases"),
    ("burn", "(?:a|the) straight burn line (?:stands at|is at|gives|is) <pct>"),
    ("usual", "<pct> of (?:the |all )?past items took <usual>(?: days)? or less"),
    ("past usual", "(?:more|longer) than the <usual> days (?:that )?<pct> of (?:the |all )?past items took(?: or less)?"),
    ("no chance", "(?:there is )?no (?:probability|forecast)(?: for)?(?: yet)?"),
    ("no chance", "(?:the |its )?(?:forecast|sprint) has no probability(?: yet)?"),
    ("no chance", "(?:a |the )?(?:probability|forecast) is not (?:available|possible)(?: yet)?"),
    ("no chance", "no (?:probability|forecast) (?:can be given|is available|is possible)(?: yet)?"),
    ("little history", "(?:(?:there is )?(?:too little|little|not enough) history|the history is too short)(?: yet)?"),
    ("needs items", "a forecast needs <n> completed items(?: in the last <span>)?(?:,?(?: and| but)?(?: there (?:are|have been))? \\(? ?<far>\\)?)?"),
    ("needs days", "<n> days with a completed item(?: \\( ?<far>\\))?"),
    ("ready day", "at the (?:current )?pace,? (?:that is|a forecast (?:will be|is|would be) possible) (?:around|about) <when>"),
    ("none red", "no (?:stored )?build(?: that is stored)? is red"),
    ("none blocking", "no open items? (?:is|are) known to (?:block|be blocking) another(?: §c\\d+| item)?(?: in)?"),
    ("none waiting", "no open pull requests? (?:is|are) known to (?:wait|be waiting) for (?:a )?review"),
    ("none moved", "nothing (?:came into|has come into|entered)(?: the sprint| it)? or (?:has )?left (?:it|the sprint) since (?:its|the) start"),
    ("none late", "no open item(?: of)?(?: the sprint)? is more than <pct> likely to miss (?:its|the) (?:end|due date)"),
    ("no rule", "no risk rule fires(?: for)?(?: the sprint)?"),
    ("closed since", "(?:there (?:is|are) )?<n> closed items? \\(closed since <sinceday>\\)"),
    ("closed since", "<n> items? (?:was|were|has been|have been) (?:closed|completed|done|finished) since <sinceday>"),
    ("last deployed", "<repo> was (?:last|most recently) deployed(?: to)? <onday>(?:(?: ?:|,)? <result>|,? and (?:the|this|that) deployment (?:was )?<result>)?"),
    ("released", "<repo> (?:was )?released <onday>"),
    ("joined list", f"<n> items? (?:came|has come|have come) in(?:to)?(?: the sprint| it)?{_START}(?:, on top of <base> \\(<share>\\))?(?::|,|, namely) <items>(?:,? and <rest> more)?"),
    ("scope same", f"(?:the |its )?scope (?:has not changed|has stayed the same|is unchanged|did not change){_START}?"),
    ("none left", "nothing (?:has )?left (?:it|the sprint)"),
    ("both moved", f"<n> items? (?:was|were|have been) added or removed{_START}?"),
    ("no part short", "no part falls short"),
    ("chance", "<pct> (?:by|for|on) <by>"),
    ("chance", f"<pct> (?:confidence|certainty) (?:of|in) {_LANDING} {_IN_TIME}"),
    ("miss", f"(?:there is |has |with |and )?(?:a )?<pct> {_CHANCE} (?:of|that it will|that the sprint will) (?:miss(?:ing)? (?:its|the) (?:due date|deadline|end date)"
             "|(?:being|be|run|running|finish|finishing) late|not (?:landing|finishing|land|finish) (?:in time|on time)|slip(?:ping)?(?: past (?:its|the) (?:due date|deadline))?)"),
    ("level day", "(?:the )?<pct> (?:date|day|mark|forecast|forecast date|completion date|level|point) (?:is|falls on|lies on|is on) (?:<when>|<onday>)"),
    ("level gap", "(?:the )?<pct> (?:date|day|mark|forecast|forecast date|completion date)(?: of <by>)? (?:is|falls|lies|comes) (?:<span> )?<side> (?:the|its) (?:due date|deadline|end)"),
    ("level gap", f"(?:(?:the )?forecast (?:shows|gives|has) |there is )?<pct> {_CHANCE} (?:of|for) {_LANDING} by <by>,? (?:which is )?<span> <side> (?:the|its) (?:due date|deadline|end)"),
    ("level gap", "(?:the )?<pct> (?:date|day|mark|forecast|forecast date|completion date) (?:is|falls on|lies on) <by>,? (?:which is )?<span> <side> (?:the|its) (?:due date|deadline|end)"),
    ("basis", "(?:the |its )?(?:forecast|probability|it) (?:rests on|is based on|draws on|uses|is built on|comes from|relies on|is judged from) <n> <basisword>"),
    ("basis", "(?:based on|judged from|drawn from|from) <n> <basisword>"),
    ("basis", "(?:the |its )?(?:forecast|probability) is (?:made|computed|drawn|simulated) (?:from|with|over|in) <n> <basisword>"),
    ("basis", "<n> <basisword>"),
    ("health", "(?:the |its |with a |with |a )?(?:sprint's )?(?:overall |current )?health(?: score| rating)?(?: of the sprint)? (?:is|stands at|sits at|at|of|scores|is rated|is rated at|comes to|is scored|is scored at|stands|reads) <score>"
               "(?:,? \\(?(?:rated |or |which is |which means |that is )?<hword>\\)?)?"),
    ("health word", "(?:the |its )?(?:sprint's )?(?:overall |current )?health(?: score| status| rating)?(?: of the sprint)? (?:is|stands at|reads|is rated|is at|is rated as|is in the state|is classified as|is marked) <hword>(?: \\(<score>\\)|,? (?:at|with a score of) <score>)?"),
    ("health word", "(?:the sprint |it )(?:stands at|is at|is rated|is in the state) <hword>"),
    ("part", "(?:the )?health of (?:the )?<part> (?:is|stands at|scores|is at|is rated) <score>"),
    ("part", "<part> (?:health )?(?:scores?|stands? at|(?:is|are) at|has a score of|has a health of) <score>"),
    ("part", "(?:the |its )?(?:sprint's )?<part> health (?:is |stands )?at <score>"),
    ("parts", "(?:the )?(?:health of )?<plist> (?:all |both )?(?:scores?|stands? at|(?:is|are)(?: all| both)? at) <score>"),
    ("lowest part", "(?:its|the) (?:lowest|weakest) part (?:is|being) <part>(?:,? (?:with|at|which scores) <score>)?"),
    ("lowest part", "<part> (?:is|being) (?:its|the) (?:lowest|weakest) part(?: of (?:the |its )?(?:sprint's )?health)?(?:,? (?:with|at) <score>)?"),
    ("health word", "(?:falls in(?:to)?|is in|lies in|belongs to|corresponds to|is categorized as|is classified as)(?: the)? <hword>(?: band| state| range| category| zone)?"),
    ("risk", f"(?:the )?risk(?: of)? <rkind> {_SEV}<sev>"),
    ("risk", "the severity of (?:the )?risk <rkind> is <sev>"),
    ("risks", f"{_THERE}(?:the )?(?:with )?<n> (?:open |listed |known )?risks?{_FOUND}"),
    ("severity", f"{_THERE}<n> (?:risks? )?{_SEV}<sev>"),
    ("severity of", f"<ratio> risks? {_SEV}<sev>"),
    ("severity of", f"of (?:the |a total of )?<total> risks?,? <n> {_SEV}<sev>"),
    ("severity", f"{_THERE}(?:with |including )?<n> <sev>(?:-severity| severity)?(?: risks?)?{_FOUND}"),
    ("severity", "<n> of (?:them|these|the risks|which)(?: is| are)?(?: rated)? <sev>"),
    ("added", f"{_THERE}<n> (?:{_WORK} )?(?:was |were |have been |has been )?{_ADD}(?: to (?:the sprint|it|its scope))?{_START}?"),
    ("added", f"(?:the sprint |it )?has (?:gained|taken on|grown by) <n>(?: new)? items?{_START}?"),
    ("removed", f"(?:the sprint |it )?(?:has )?lost <n>(?: items?)?{_START}?"),
    ("added", f"<n> (?:new )?items? (?:joined|came in|entered){_START}?"),
    ("removed", f"{_THERE}<n> (?:{_WORK} )?(?:was |were |have been |has been )?{_REMOVE}(?: from (?:the sprint|it))?{_START}?"),
    ("net", "(?:that is |this is |which is |for |giving )?(?:a )?net (?:gain|growth|increase|plus) of <n>(?: items?)?"),
    ("net", f"(?:the |its )?scope (?:has )?(?:grew|grown|increased) by <n>(?: items?)?{_START}?"),
    ("more moved", f"more items (?:were|have been) <mword> than <mword2>{_START}?"),
)  # fmt: skip
"""Phrases about the sprint that say so themselves."""

SPRINT_VERBS: tuple[tuple[str, str], ...] = (
    ("quantifier", f"<quant> (?:of them )?{_ARE}(?:<doneword>|<openword>)"),
    ("due", "(?:is |falls )?due (?:<when>|<onday>)"),
    ("due", "was due <pastday>"),
    ("due", "(?:ends|is scheduled to end|is planned to end|is set to end) (?:<onday>|<when>)"),
    ("due", "(?:has|runs) until <when>"),
    ("days left", "(?:is due|ends) (?:in|within) <span>(?:,? on <when>)?"),
    ("chance", f"(?:will|would) {_LAND} {_IN_TIME} (?:with|at) (?:a |an )?{_CHANCE} of <pct>"),
    ("chance", f"(?:will|would) {_LAND} (?:with|at) (?:a |an )?{_CHANCE} of <pct>(?: {_IN_TIME})?"),
    ("chance", f"(?:will|would|is expected to) {_LAND} {_IN_TIME} (?:with|at) (?:a |an )?(?:<pct> {_CHANCE}|{_CHANCE} of <pct>)"),
    ("chance", f"(?:will |would )?{_LAND} {_IN_TIME} in <pct> of (?:the |all )?(?:simulated )?(?:runs|simulations)"),
    ("leaning", f"(?:is )?<lean> to {_LAND}(?: {_IN_TIME})?"),
    ("days left", "has <span> (?:left|to go|remaining)(?: until (?:the|its) (?:due date|deadline|end))?"),
    ("no due", "(?:has no|lacks a|is without a) (?:due date|deadline|end date)"),
    ("overdue", "(?:is|has been) (?:overdue|past (?:its|the) (?:due date|deadline)|late)(?: by <span>| for <span>)?"),
    ("overdue", "(?:is|has been|runs|is running|is now) <span> (?:overdue|late|past (?:its|the) (?:due date|deadline))"),
    ("overdue", "was due <span> ago(?:,? on <when>)?"),
    ("chance", f"(?:is |are |stands |stands at |sits at )?(?:at )?<pct> likely{_GOAL}"),
    ("chance", f"(?:has|have|holds|faces|stands at|shows|is given) <pct> {_CHANCE}{_GOAL}?"),
    ("share", f"is <pct> {_DONE}"),
    ("progress", f"(?:has|with|shows) <ratio> (?:{_WORK} )?{_DONE}"),
    ("open items", f"(?:has|with) <n> (?:{_WORK} )?{_OPEN}"),
    ("open items", "has <n> (?:open|unfinished|remaining|outstanding) items?"),
    ("total", "(?:has|contains|consists of|covers|includes|holds|comprises|counts) (?:a total of )?<n> items?(?: in total)?"),
    ("health word", "(?:is |stands )?(?:rated )?<hword>,? (?:at|with) (?:a score of |a health of )?<score>"),
    ("health word", "(?:(?:stands at|is at|is rated|is rated as|is in the state|is|rated|means) )?<hword>"),
    ("health word", "(?:falls in(?:to)?|is in|lies in|belongs to|is categorized as|is classified as)(?: the)? <hword>(?: band| state| range| category| zone)?"),
    ("risks", "(?:has|faces|carries|lists) <n> (?:open |listed )?risks?"),
)  # fmt: skip
"""Phrases that need the sprint as their subject."""

_PARTS = "(?:progress|flow|blockers|reviews|ci|scope|mood)"

SLOTS: dict[str, str] = {
    "span": rf"(?:{OPERATOR} )?(?:§c\d+|an?|one) (?:(?:full|whole|calendar) )?(?:days?|weeks?|months?|hours?|fortnights?)\b",
    "n": rf"(?:{OPERATOR} )?(?:§c\d+|(?:no|none|zero)(?= ))",
    "pct": rf"(?:an? )?(?:{OPERATOR} )?(?:an? )?§p\d+",
    "pts": rf"(?:{OPERATOR} )?§[tc]\d+",
    "runs": r"§c\d+",
    "repos": r"§c\d+",
    "oa": r"§c\d+",
    "ob": r"§c\d+",
    "base": r"§c\d+",
    "share": r"§p\d+",
    "rest": r"§c\d+",
    "far": rf"(?:{OPERATOR} )?§c\d+",
    "usual": r"§c\d+",
    "times": rf"(?:{OPERATOR} )?(?:twice|three times|§c\d+ times)",
    "cmp": "more|higher|larger|less|lower|smaller",
    "lean": "likely|unlikely|not likely",
    "rname": "stuck item|stuck|stale review|silent item|blocked chain",
    "bothall": "both|all",
    "repo": r"[a-z0-9_.-]+/[a-z0-9_.-]*[a-z0-9_-]",
    "result": "success|successfully|succeeded|successful|failure|failed|unsuccessfully|unsuccessful",
    "plist": f"{_PARTS}(?:(?:,? and|,) {_PARTS})+",
    "rlist": r"(?:an? |the )?[a-z]+(?: [a-z]+){0,2}?(?:(?:,? and|,) (?:an? |the )?[a-z]+(?: [a-z]+){0,2}?)*",
    "ratio": rf"(?:{OPERATOR} )?§r\d+",
    "score": rf"(?:{OPERATOR} )?(?:§r\d+|§c\d+)",
    "day": r"(?:(?:the )?(?:next|this|last|coming|following) )?(?:the )?§d\d+(?:,? (?:the )?§d\d+)?"
    r"|(?:today|tomorrow|yesterday)(?:,? (?:on )?(?:the )?§d\d+(?:,? (?:the )?§d\d+)?)?|the day after tomorrow|the day before yesterday|(?:this|next|last) (?:week|month)",
    "items": r"(?:both |the )?§i\d+(?:(?:,? and|,) (?:the )?§i\d+)*",
    "sev": "critical|high|medium|low",
    "hword": "sustain|observe|act",
    "name": r"(?:§q\d+|[\w-]+(?:[./][\w-]+)*)",
    "part": r"(?!the\b)[a-z]+(?: [a-z]+)??",
    "rkind": r"(?!the\b|a\b|of\b|its\b)[a-z]+(?: [a-z]+){0,3}?",
    "act": r"(?:(?:reviewing|unblocking|splitting|dropping|moving|dropping or moving|fixing the build of|a review of|the review of)"
    r"(?: (?:both |the )?§i\d+| it| this pull request| this issue| (?:the |all )?§c\d+ items?)|moving (?:the end of the sprint|the due date|the end))",
    "quant": "no|all|every one|all of|most|most of|the majority|none|none of",
    "doneword": "done|completed|complete|finished|closed",
    "openword": "open|left|remaining|outstanding|unfinished|not done",
    "aword": "done|open|completed|closed|finished",
    "bword": "done|open|completed|closed|finished",
    "mword": "added|removed",
    "mword2": "added|removed",
    "side": "before|after|past|later than|earlier than|ahead of|behind",
    "basisword": "(?:active|working) days?|completed items?|completions?|simulated runs?|runs?|simulations?",
    "state": "idle|waiting for a review|waiting for review|waiting|in work|in progress|inactive",
}
"""What a slot may look like, by the first part of its name."""
