"""Writes ``docs/routes.md``: every route of every service in one line.

What a line says is what ``tests/conformance/test_grammar.py`` holds every route to.
"""

from collections.abc import Iterator, Sequence

from common.door import refusals_of_every_route
from common.generated.lines import Line, lines_of
from common.service import Service

_HEAD = """\
# Routes

Écrit par `coorace docs` d'après les applications : ne pas modifier à la main.

Une ligne par route, dans l'ordre de l'API :

- **acte** : le droit qu'elle demande ; [docs/rights.md](rights.md) dit qui l'a, et jusqu'où.
- **liste** : *page*, `{items, next_cursor, total}`, lue par `limit` et `cursor` ; *entière*, `{items}`, ce qui ne
  grandit pas avec les données, 200 lignes au plus ; *suivi*, ce qui a changé, par `after`. *+ export* : la même adresse
  suivie de `/export` rend les mêmes lignes en tableur.
- **filtres** : à plat, répétés pour « ou ».
- **écriture** : *clé*, `Idempotency-Key` rend la demande répétable sans double effet ; *essai*, `dry_run=true` exécute
  et ne garde rien ; *version*, `If-Match` est obligatoire (428 sans lui, 412 si la ressource a changé) : pour remplacer
  ou modifier, et pour faire avancer ou ôter ce qui dit sa version ; ajouter ne gêne personne.
- **rend** : le statut et la forme, *fichier* ou *flux* si ce n'est pas du JSON ; *v* : la réponse dit sa
  version (`ETag`).
- **actions** : la ressource dit ce qu'on peut lui faire (*a*, `allowed_actions`), et ce qui retient le reste (*b*,
  `blockers`) ; le doit celle dont l'état peut faire refuser un acte (409), ou chacune de ses parties si l'acte en nomme
  une. Ce qui tient à ce que l'on demande (un jour, un montant) ou à une autre ressource ne se lit que dans le refus.
- **refus** : les codes propres à la route. Partout en plus : EVERYWHERE.
"""
_COLUMNS = ("route", "acte", "liste", "filtres", "écriture", "rend", "actions", "refus")


def routes_document(services: Sequence[Service]) -> str:
    """Return the document in Markdown."""
    everywhere = ", ".join(f"`{code}`" for code in sorted(refusals_of_every_route()))
    lines = [line for service in services for line in lines_of(service)]
    chapters = [text for service in services for text in _service(service)]
    return "\n".join([_HEAD.replace("EVERYWHERE", everywhere), *_set_apart(lines), *chapters])


def _set_apart(lines: Sequence[Line]) -> Iterator[str]:
    yield "## Ce qui s'écarte de la règle"
    yield ""
    yield "Chaque écart est déclaré à sa route, avec sa raison ; aucun autre n'est admis."
    yield ""
    yield "| règle | raison | routes |"
    yield "|---|---|---|"
    reasons: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        for rule, reason in line.apart.items():
            reasons.setdefault((rule, reason), []).append(_named(line))
    for (rule, reason), routes in sorted(reasons.items()):
        yield f"| {rule} | {reason} | {', '.join(dict.fromkeys(routes))} |"
    yield ""


def _service(service: Service) -> Iterator[str]:
    yield f"## {service.title} (`{service.name}`)"
    yield ""
    chapters: dict[str, list[Line]] = {}
    for line in lines_of(service):
        chapters.setdefault(line.said["tags"][0], []).append(line)
    for tag, lines in chapters.items():
        yield f"### {tag}"
        yield ""
        yield f"| {' | '.join(_COLUMNS)} |"
        yield "|---" * len(_COLUMNS) + "|"
        yield from map(_row, lines)
        yield ""


def _row(line: Line) -> str:
    own = [code for code in line.codes if code not in refusals_of_every_route()]
    cells = (
        _named(line),
        f"`{line.act}`",
        _listed(line),
        _code(line.filters),
        _written(line),
        _answer(line),
        _acts(line),
        _code(own),
    )
    return f"| {' | '.join(cells)} |"


def _named(line: Line) -> str:
    return f"`{line}`"


def _listed(line: Line) -> str:
    return f"{line.listing} + export" if line.listing and line.has_export else line.listing


def _written(line: Line) -> str:
    marks = {"clé": "Idempotency-Key", "essai": "dry_run", "version": "If-Match"}
    return ", ".join(mark for mark, name in marks.items() if name in line.parameters)


def _answer(line: Line) -> str:
    content = line.said["responses"][line.status].get("content", {})
    kind = "flux" if "text/event-stream" in content else "" if line.fields or line.status == "204" else "fichier"
    shape = f"`{line.shape['title']}`" if line.fields else kind
    return " ".join(filter(None, (line.status, shape, "v" if line.is_versioned else "")))


def _acts(line: Line) -> str:
    marks = {"a": "allowed_actions", "b": "blockers"}
    return ", ".join(mark for mark, name in marks.items() if name in line.fields)


def _code(names: Sequence[str]) -> str:
    return " ".join(f"`{name}`" for name in names)
