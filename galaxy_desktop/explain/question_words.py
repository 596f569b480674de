"""The words by which questions ask: which fact function each of them means, and which words mean nothing by themselves.

Patterns are laid over a question that was spelled out before (`question_spelling`): "what's" is "what is" there, and
"haven't" is "have not". A strong pattern says what is asked; a weak one counts where no strong one does, because its
words also stand in other questions ("what moved the probability?" asks what changed).
"""

from __future__ import annotations

import re

from galaxy_desktop.domain.asking import FactName

_TEAM_WORD = r"(dev(eloper)?s?|engineers?|people|persons?|(team ?)?members?|team ?mates?|colleagues?|co-?workers?|contributors?|authors?|guys?|folks?|reviewers?|team)"
_SUPERLATIVE = r"(best|worst|slowest|fastest|laziest|weakest|strongest|quickest|busiest|smartest|most|least|fewest|top|worse|better|slower|faster|slow|lazy|lazier|(un)?productive|overloaded|overworked|idle|slacking|bottlenecks?|under-?perform\w*|perform\w*)"
COMPARES_PEOPLE = re.compile(
    rf"\b(who|whose|which( of (my|our|the))? {_TEAM_WORD})\b.*\b({_SUPERLATIVE}|to blame|blame[ds]?|fault|guilty|fired?|responsible for)\b"
    rf"|\b{_SUPERLATIVE} {_TEAM_WORD}\b"
    rf"|\b(rank|rate|score|grade|compare|order|sort)\b( \w+){{0,3}} {_TEAM_WORD}\b|\bleader ?board\b"
    rf"|\b(blame|fault|performance of|performers?|productivity of)\b|\b{_TEAM_WORD} by (performance|speed|output|productivity)\b"
)
NO_COMPARING = "People are not compared here, and nobody is blamed: ask about the work instead."
NO_PERSON = (
    "Nothing is looked up or counted by person here: ask about the work instead, such as what waits for a review."
)
NO_DOING = "Asking changes nothing: no instruction in a question is carried out."

_DOES = (
    "act|add|approve|assign|change|close|create|deploy|delete|disregard|drop|execute|fire|forget|ignore|install|kill|mark|merge|move|"
    "open|output|overwrite|post|pretend|print|publish|push|rebase|rename|remove|reopen|repeat|reset|revert|run|send|set|start|stop|"
    "tell everyone|tell the team|update|write"
)
IMPERATIVE = re.compile(
    rf"(?:^|^\w+,|(?<=[.;!:]))\s*(?:(?:please|pls|now|then|just|and|you must|you are now [^.;!]*[.;!])\s+)*(?:{_DOES})\s+"
    r"(?:all|an?|any|each|every|everything|it|me|my|our|previous|that|the|these|this|those|to|us|your|yourself|as|like|#)\b[^.;!?]*"
    r"|(?:^|(?<=[.;!:]))\s*you are now [^.;!?]*"
)

STRONG: tuple[tuple[FactName, str], ...] = (
    (FactName.WHAT_IF, r"\bwhat (would|will|could)?\s?(if|happens? (if|when))\b|\bwhat would happen\b|\b(suppose|assuming|imagine)\b"
                       r"|\bwould it help (if|to)\b|\b(would|will) (it|we|that|this)\b.* if (we|i|the|it|they)\b"),
    (FactName.FIXED, r"\bhow (did|was|were|had|have|has)\b.*\b(fix|fixed|solve|solved|resolve|resolved|cure|cured)\b"
                     r"|\b(fix|fixed|solved?|resolved?)\b.*\b(before|last time|earlier|previously|in the past|similar)\b"
                     r"|\b(did (we|anyone|anybody|somebody)|have we|has anyone) (ever |already )?(fix|fixed|solved?|resolved?)\b"
                     r"|\bseen\b.*\bbefore\b|\b(happen(ed)?|had|occurred|came up)\b.*\b(bugs?|errors?|crash\w*|problems?|failures?)\b.*\bbefore\b"
                     r"|\b(bug|bugs|error|errors|crash\w*|problem|issue)\b.*\b(seen|happen(ed)?|had|occurred)\b.*\bbefore\b"
                     r"|\b(similar|past|earlier|old|known) (bugs?|errors?|crash(es)?)\b|\b(bugs?|errors?|crash(es)?) (like|similar)\b"),
    (FactName.DEPLOYED, r"\b(after|since|how did|how was|how were)\b.*\bdeploy(s|ed|ment|ments)?\b"
                        r"|\b(break|broke|broken|go|went|gone|happen(ed)?|fail(ed)?)\b.*\bafter\b.*\b(releases?|released|deploy\w*)\b"
                        r"|\bdeploy(s|ment|ments)?\b.*\b(go|gone|went|end|ended|succeed|succeeded|happen|happened|carr(y|ied)|break|broke|in it)\b"
                        r"|\b(last|latest|past|previous|newest|recent) deploy(s|ment|ments)?\b|\broll(ed)?[ -]?backs?\b|\brevert(s|ed)?\b|\bhot ?fix(es)?\b"),
    (FactName.HELPED, r"\b(did|has|have)\b.*\b(help|helped|worth it|pay off|paid off)\b|\bwhat came of\b|\bwhat helped\b"
                      r"|\b(accepted|past|earlier|previous) (actions?|recommendations?|advice|interventions?)\b|\binterventions?\b"),
    (FactName.COMPUTED, r"\bhow (is|are|was|were|do you|did you|does it|did it)\b.*\b(comput|calculat|deriv|estimat|work(ed)? (it )?out|come up with|arrive|get to|got to|made of)\w*"
                        r"|\bformulas?\b|\b(trust|reliab|calibrat|accura|believ)\w*|\bhow (often|good|sure|certain|confident|right)\b"
                        r"|\b(was|were|been) (it|you|they|the forecasts?) right\b|\bbrier\b"
                        r"|\bwhy (is|are|do|does)\b.*\b(probability|chances?|odds|forecast|number|percentage|likely|unlikely|so (low|high|bad|good))\b"
                        r"|\bwhy (only|just|not more|that (low|high))\b|\bwhere does\b.*\b(number|probability|percentage|forecast|chance)\b.*\bcome from\b"),
    (FactName.PACE, r"\b(velocity|throughput|pace|how fast|how quick(ly)?|faster|slower|speeding up|slowing down)\b|\bhow many\b.*\b(per|a|each|every) (day|week|month|sprint)\b"),
    (FactName.PROGRESS, r"\bhow (much|far)\b.*\b(done|finish(ed)?|completed?|left|remain\w*|along|through|closed|open)\b|\bhow far (are|along)\b"
                        r"|(\bpercent(age)?|\bshare|%)\b.*\b(done|finish(ed)?|completed?|sprint|closed|left|open)\b|(?<!\bin )\bprogress\b|\bburn ?(down|up)\b"),
    (FactName.HEALTH, r"\bhealth\w*\b"),
    (FactName.DUE, r"\bwhen (is|are|does|do|will|was|did)\b.*\b(due|ends?|over|deadline)\b|\bdue (dates?|days?)\b|\bdeadlines?\b|\b(end|release|ship(ping)?|launch|delivery) dates?\b"
                   r"|\bdays?\b.*\b(left|remain\w*|to go|have)\b|\btime (is |do (we|i) have )?left\b|\bhow (long|much time)\b.*\b(left|have|remain\w*)\b"
                   r"|\b(the|its|our) end\b.*\bmoved\b"),
    (FactName.REVIEWS, r"\breview(s|ed|er|ers|ing)?\b|\bapprovals?\b"),
    (FactName.BUILDS, r"\b(builds?|ci|pipelines?|workflows?|red|broken|checks?)\b|\bfail(s|ed|ing|ures?)?\b"),
    (FactName.BLOCKERS, r"\b(un)?block(s|ed|ing|er|ers)?\b|\bin (the|our|its|my) way\b|\bhold(s|ing)? (it |us |this |things )?(up|back)\b"
                        r"|\bwait(s|ing)? (for|on)\b(?! (a |the |an |code )*review)|\bdepend(s|ed|ing|ency|encies|ent|ents)?\b|\bimpediments?\b|\bobstacles?\b|\bbottlenecks?\b"),
    (FactName.STUCK, r"\bstuck\b|\bstale\b|\bidle\b|\bforgotten\b|\babandon(ed)?\b|\bdormant\b|\buntouched\b|\bstand(s|ing)? still\b"
                     r"|\b(not|nothing|nobody) (been )?(mov(e|es|ed|ing)|touch(ed)?|progress(ed|ing)?|updated)\b|\bno (activity|updates?|news|movement)\b|\bcollect(s|ing)? dust\b"),
    (FactName.SCOPE, r"\bscope\b|\bcreep\b|\b(came|come|got|get|gets|was|were|been|being|is|are)\b.{0,24}\b(added|removed|dropped|taken out|pulled in|moved out)\b"
                     r"|\b(came|got) (in|into)\b|\binto (the|our|this) sprint\b|\bwhat\b.*\b(was|were|got|did we) (add|added|removed|drop|dropped|take out)\b"),
    (FactName.LATE, r"\b(be|is|are|run|running|finish) late\b|(?<!did i )(?<!did we )\bmiss(es|ing)?\b(?! (a |an |the )?(review|label|owner|assignee|test|link))|\bslip(s|ping)?\b"
                    r"|\bnot (make|be done|be finished|finish|get done|land)\b|\bdelay(s|ed|ing)?\b|\boverdue\b"),
    (FactName.RISKS, r"\brisk(s|y|iest)?\b|\bworr(y|ied|ies|ying|isome)\b|\bproblems?\b|\bdangers?\b|\bgo(es|ing)? wrong\b|\bred flags?\b|\bconcerns?\b|\bkeeps? (you|me|us) (up|awake)\b"),
    (FactName.ADVICE, r"\b(should|can|could|must|shall|do) (we|i|one|you)( \w+){0,2} (do|focus|start|tackle|work on|drop|cut|descope|skip|postpone|unblock|fix|review|prioriti[sz]e|begin|suggest|recommend)\b"
                      r"|\bto do (next|now|today|first)\b|\bwhat to do\b|\bwhat now\b|\bwhat next\b|\brecommend\w*|\bsuggest\w*|\badvi[cs]e\b|\bactions?\b|\bhelps? (us )?most\b|\bmost important\b|\bmatters most\b|\bnext steps?\b|\bpriorit\w+"),
    (FactName.CHANGED, r"\bchang(e|es|ed|ing)\b|\b(what|anything|something|what is|what was) new\b|\bnews\b|\bnew (since|today|this)\b|\bupdates since\b"
                       r"|\bhappen(s|ed|ing)?\b(?!.*\bbefore\b)|\bwhat did (we|i) miss\b|\bmoved? since\b|\bcatch me up\b"
                       r"|\b(probability|chances?|odds|forecast|health|number)\b.*\b(drop(ped)?|fell|fall(en)?|rose|rise[ns]?|moved?|sank|jump(ed)?|(went|gone|go|going|goes|came|come|is|are) (down|up|better|worse))\b"),
    (FactName.SHIPPED, r"\breleas(e|es|ed|ing)\b|\bdeploy(s|ed|ment|ments)?\b|\bship(ped)?\b|\b(latest|last|newest|current) version\b"),
    (FactName.SIMILAR, r"\bsprints? like (this|that)\b|\b(similar|like) sprints?\b|\bsprints?\b.*\bsimilar\b|\blast time\b"),
    (FactName.ENDED, r"\b(past|previous|earlier|old|former|recent|last (\d+|two|three|four|five|few)) (sprints|milestones|iterations)\b|\bsprints\b.*\b(end(ed)?|go|gone|went|land(ed)?|finish(ed)?|in time|on time)\b"
                     r"|\bhow (did|was)\b.*\b(last|previous|past) (sprint|milestone|iteration)\b|\bcompare\b.*\b(sprints?|milestones?)\b|\bhow often\b.*\bsprints?\b"),
    (FactName.OVERVIEW, r"\bhow (is|are|does)\b.*\b(doing|going|look|looks|looking|standing|stand)\b|\bstatus\b|\btl;?dr\b|\boverview\b|\bsummar(y|ies|i[sz]e)\b"
                        r"|\bwhere (are|do) we (stand|at)\b|\bwhere we (stand|are)\b|\bstate of (the|our|things)\b|\bbrief me\b|\bin a nutshell\b|\brecap\b"),
    (FactName.CHANCE, r"\b(will|can|could|going to|do|does|are|is|shall)\b.*\b(land|make it|make the (date|deadline|end|sprint)|(hit|reach|meet) the|finish|ship|done (by|in|on|before|when|at)|(on|in) time)\b"
                      r"|\bwill\b.*\b(done|ready|completed?|over)\b|\bon (track|schedule|course|time)\b|\bwhen (will|can|could|do|are)\b.*\b(done|finish(ed)?|ready|land|completed?|ship)\b|\bmake it\b|\b(doable|feasible|achievable)\b|\beverything (is |be )?done\b"),
)  # fmt: skip
WEAK: tuple[tuple[FactName, str], ...] = (
    (FactName.CHANCE, r"\bchances?\b|\bprobability\b|\bodds\b|\bforecasts?\b|\blikel(y|ihood)\b|\bland(s|ing)?\b"),
    (FactName.SCOPE, r"\badded\b|\bremoved\b"),
    (FactName.LATE, r"\blate\b"),
    (FactName.SIMILAR, r"\bsimilar\b"),
    (FactName.ENDED, r"\bsprints\b"),
    (FactName.BLOCKERS, r"\bwait(s|ing)?\b"),
)  # fmt: skip
COUNTS = re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b|\bamount of\b")
LISTS = re.compile(
    r"\b(which|list|show|what|find|give|any|are there|is there|who is|who are|all|every|oldest|newest)\b.*\b(issues?|items?|pull requests?|prs?|tickets?|bugs?|cards?|work|working on|stories|tasks?)\b"
    r"|\b(what|which|anything)\b.*\b(merged|closed|opened|finished|completed|done|open)\b|\bwhat is left\b|\bleft to do\b|\b(remaining|unfinished) (work|items?|issues?)\b"
)
WORDS_OF_KINDS = r"(issues?|items?|pull requests?|prs?|tickets?|cards?|tasks?)"
OF_THE_PAST = (FactName.HELPED, FactName.FIXED, FactName.DEPLOYED)
"""A question about one of these is about nothing else: "did reviewing help?" does not ask what waits for a review."""
_TELLING_WORDS = """
build builds ci code date dates drop dropped dropping label labels log milestone move moved moving owner owners pipeline post
release review reviewed reviewing reviews scope send split splitting system test tests text unblock unblocked unblocking update user users
"""
TELLING = frozenset(_TELLING_WORDS.split())
"""Words that ask for something in other questions, and name what a question about the past is about."""
ALONE = (FactName.WHAT_IF, *OF_THE_PAST)
GIVES_WAY: tuple[tuple[FactName, frozenset[FactName]], ...] = (
    (FactName.OVERVIEW, frozenset(FactName) - {FactName.OVERVIEW}),
    (FactName.CHANCE, frozenset({FactName.LATE, FactName.COMPUTED, FactName.ENDED, FactName.SIMILAR, FactName.PROGRESS, FactName.PACE})),
    (FactName.PROGRESS, frozenset({FactName.DUE, FactName.PACE})),
    (FactName.RISKS, frozenset({FactName.BLOCKERS, FactName.BUILDS})),
    (FactName.SHIPPED, frozenset({FactName.CHANGED, FactName.CHANCE, FactName.DUE})),
    (FactName.SCOPE, frozenset({FactName.ADVICE})),
    (FactName.DUE, frozenset({FactName.COMPUTED})),
    (FactName.ENDED, frozenset({FactName.SIMILAR, FactName.PACE, FactName.COMPUTED})),
    (FactName.CHANGED, frozenset({FactName.COMPUTED, FactName.SIMILAR})),
    (FactName.STUCK, frozenset({FactName.REVIEWS})),
)  # fmt: skip
"""What the first names is asked by words that another question of the second has too: then it is not asked."""
STRONG_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in STRONG)
WEAK_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in WEAK)

_COMMON_WORDS = """
a about above access accepted across action actions actual actually add added affect affected after afternoon again against ago ahead ai
all almost along already also although always am among amount an and annoy another answer answered any anybody anymore anyone anything
anyway anywhere apart are area aren around article as ask asked asking assign assigned assignee assignees assume at attention available
average away back bad barely based basically be became because become been before began begin beginning begun behind being believe below
best better between big bigger biggest bit both bring broke broken bug bugs build builds busy but buy by call called came can cannot card cards
care carry case cases catch cause caused causes cause certain chance chances change changed changes chase check checks checked choose city clear
close closed closes closing code coding color come comes coming comment commit commits company compare compared complete completed
completely computed concerned condition confirm consider contain contains continue cook cool cost costs could count couple course
create created creating critical cross current currently cut cuts daily danger data date dates day days deal dear decent decide decided
deep delay delayed deliver delivered delivery depend dependencies dependency depending depends deploy deployed deployment deployments despite
detail details dev devs developer developers did differ difference different difficult directly discuss do does doing done doubt down dozen
draft drag drags drop dropped due during each earlier early easily easy eat effect effort either else end ended ending ends engineer engineers enough
entire epic error errors especially estimate even evening event ever every everybody everyone everything everywhere evidence exactly
example except exist exists expect expected explain extra fact facts fail failed failing fails fair fall far fast faster fault favor feature
features feel feeling few fewer fewest figure file files fill final finally find fine finish finished finishes finishing first fit five
fix fixed fixes fixing flow focus folk folks follow following food for force forecast forget forgot forward found four free fresh friend from
full fun further future gap gave general generally get gets getting give given gives giving glance go goal goals god goes going gone good got
gotten great green grew group grow growing grown guess guy guys had half hand handle hang happen happened happening happens happy hard hardly
has hate have haven having he head health healthy hear held hello help helped helping helps her here hey hi high higher highest him his hit
hold holding holds home hope hot hour hours how however huge human hurry i idea identify if imagine immediately impact important in include
included includes including increase indeed info information inside instead intend interested into involved is isn issue issues it
item items its itself job join just keep kept kill kind kinda kinds knew know known label labeled labelled labels lack lacking land landed lands large
largest last late lately later latest launch lead learn least leave leaves leaving left less let level life like likelihood likely line link
list listed little live lives load log long longer longest look looked looking looks lose lost lot lots low lower lowest luck made main
mainly major make makes making manage manager many map mark matter matters may maybe me mean meaning means meantime meanwhile measure meet meeting
member members mention merely merge merged merging message messed met might milestone milestones mind mine minimum minor minute minutes miss
missed misses missing mistake moment moments money month months mood more morning most mostly move moved moves moving much must my myself name named
namely near nearly necessary need needed needing needs negative neither never new newest news next nice nine no nobody none nope normal normally not
note nothing notice now nowhere number numbers obvious occur odd odds of off offer often oh ok okay old older oldest on once one ones only onto open opened
opening operation opinion option or order ordinary organize original other others otherwise ought our ours out outcome outlook outside over overall
overdue overview own owned owner owners pace part particular parts party past pay pending people per percent percentage perfect perhaps period person
personal phase pick picture piece place plan planned planning plans play please plus point points possible post practically prefer prepare
present pretty prevent prevents previous previously prior priorities priority probability probable probably problem problems process produce product
project projects promise proper properly pull pulled purpose push pushed put question questions quick quickly quiet quite rank ranking rate rather reach
reached read ready real realistic realistically really reason reasons recent recently recommend recommendation recommendations red related relative release
released releases remain remained remaining remains remember remind remove removed repeat report reports repo repos repositories repository request
requested requests required requires resolve resolved resolving rest result results return review reviewed reviewer reviewers reviewing reviews right rise
risen rises risk risks risky rose rough roughly round rule run running runs sad safe said same sat save saw say says schedule scheduled scope score
second seconds section see seeing seem seems seen send sense sent separate serious set settle seven several shall shape share she ship shipped
short should show shown shows side sign significant similar simple simply since single sit sits sitting situation six size slack slip slipped slipping slow
slower slowest slowly small smaller smallest so soft solve solved some somebody somehow someone something sometime sometimes somewhere soon sooner
sorry sort sound space speak speed spend spent split sprint sprints stage stale stalled stand standing standup stands start started starting starts
state stated statement status stay stays step steps stick still stood stop stopped stops story stories straight strong stuck stuff style subject success
such sudden suddenly suggest suggestion suggestions summarise summarize summary super supposed sure surely system tackle take taken takes taking talk
task tasks team teams tell telling tells ten term terms test tests text than thank thanks that the their them themselves then there therefore these they thing
things think thinking third this those though thought three through throughout thus ticket tickets till time times tip to today together told tomorrow too
took top topic total totally touch touched toward towards track tracked true truly trust truth try trying turn turned twice two type types unassigned
unblock under understand unfinished unit unless unlikely until up update updated updates upon us use used useful user users uses using usual usually vague
various version very via view volume vs wait waited waiting waits want wanted wants warn warning was wasn waste watch way ways we week weekend weekly weeks weird
well went were what whatever whats when whenever where wherever whether which while who whoever whole whom whose why wide will wise wish with within without
wonder work worked worker working works world worried worry worrying worse worst worth would write written wrong yeah year years yes yesterday yet
yo you your yours yourself zero ve re ll am pm um uh hmm lol btw asap fyi eta etc vs pls plz thx also january february march april june july august september
october november december monday tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep oct nov dec mon tue wed thu fri
doable feasible achievable ages prediction predictions predicted rolled rolling shipping pass passes passed passing keeps night untouched progress approved approval slowing speeding
block blocked blocker blockers blocking blocks scope creep abandoned stale idle ci pipeline pipelines workflow workflows deadline deadlines velocity throughput
unlabeled unreviewed unplanned unowned pr prs gh tldr recap whole burndown burnup formula formulas reliable accurate calibrated fell happened
"""
COMMON = frozenset(_COMMON_WORDS.split())
_FUNCTION_WORDS = """
a about all am an and any anybody anyone anything are as at be because been but by can could did do does doing for from get give go had
has have he her here him his how i if in into is it its just like make many may me might more most much must my need no not nothing now of
on one or our out please pls should show so some somebody someone something tell than that the their them then there these they this those
to up us very was we were what when where which while who whom whose why will with without would yet you your
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that name nothing in any sentence; what nothing else is known of is searched for by all others."""

_FOREIGN_WORDS = {
    "German": (
        "wir uns ist nicht wann wer welche welcher welches wie viele und oder der den dem ein eine einen wird werden "
        "schaffen gerade seit gestern heute noch schon bitte mit auf für fertig blockiert läuft warum woran was'n sind "
        "haben hat kann können muss müssen montag freitag woche aufgaben geändert offen offene "
    ),
    "French": (
        "combien de la un une ouverts ouvert qui que quoi est-ce est quand comment pourquoi nous le les une des du depuis avec pour dans bloque reste fini "
        "terminé quel quelle quels quelles sont avons il elle ne pas plus lundi hier aujourd semaine changé "
    ),
    "Spanish": (
        "qué que cuándo cuando cómo quién por el los las una desde con para está están hay nos bloquea lunes ayer hoy "
        "semana cambió cuántos cuántas queda quedan terminar llegamos se del "
    ),
    "Italian": (
        "che cosa quando come perché chi il gli una con per sono siamo abbiamo blocca ieri oggi settimana cambiato "
        "quanti quante manca finire "
    ),
    "Portuguese": (
        "que quando como quem o os uma com para está estamos não bloqueia ontem hoje semana mudou quantos quantas falta "
        "terminar segunda "
    ),
    "Dutch": (
        "wat wanneer wie hoe waarom welke wij het een niet zijn hebben blokkeert gisteren vandaag sinds klaar halen "
        "deze nog "
    ),
}  # fmt: skip
FOREIGN = tuple((name, frozenset(words.split())) for name, words in _FOREIGN_WORDS.items())
"""Words that are frequent in another language and rare or unknown in English questions."""
