"""Ways out of a template's sandbox, each tried where a template may stand: none is even read."""

import pytest

from outreach.wording.errors import WordingsUnusable
from outreach.wording.wordings import build_wordings, load_shipped

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ person.__class__ }}",
    "{{ person['__class__'] }}",
    "{{ person|attr('__class__') }}",
    "{{ person|map(attribute='__class__')|list }}",
    "{{ plan.instalments.__init__.__globals__ }}",
    "{{ link.__globals__['__builtins__'] }}",
    "{{ link.__code__ }}",
    "{{ link|attr('__globals__') }}",
    "{{ (link)('a', 'b').__class__ }}",
    "{{ self }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ loop.__init__ }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ lipsum.__globals__.os.popen('id').read() }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ namespace(a=1) }}",
    "{{ joiner }}",
    "{{ dict(a=1) }}",
    "{{ range(1000000000)|list }}",
    "{{ config }}{{ request }}{{ environ }}",
    "{{ '{0.__class__}'.format(person) }}",
    "{{ '{0.__class__}'|format(person) }}",
    "{{ '%s' % person }}",
    "{{ person.given_name.format_map(person) }}",
    "{{ 'a' * 100000000 }}",
    "{{ 'a'|center(100000000) }}",
    "{{ [1].append(2) }}",
    "{{ person.update({'a': 1}) }}",
    "{{ debug() }}",
    "{{ 9 ** 9 ** 9 }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% extends 'layout.html' %}",
    "{% block a %}{% endblock %}",
    "{% macro a() %}{% endmacro %}",
    "{% call link('a', 'b') %}{% endcall %}",
    "{% set person = 1 %}",
    "{% set a %}b{% endset %}",
    "{% filter attr('__class__') %}{% endfilter %}",
    "{% with a = 1 %}{{ a }}{% endwith %}",
    "{% autoescape true %}{{ evil }}{% endautoescape %}",
    "{% do person.clear() %}",
    "{% debug %}",
    "{% trans %}a{% endtrans %}",
    "{% for a in ''.__class__ %}{% endfor %}",
    "{% if person.__class__ %}a{% endif %}",
    "{{ person is callable }}",
]
PLACES = {
    "a text": ("en/hello.sms.txt", "Hello {}"),
    "an email": ("en/hello.email.txt", "Subject: Hello\n\nHello {}"),
    "a subject": ("en/hello.email.txt", "Subject: Hello {}\n\nHello"),
    "a block": ("en/blocks/who_we_are.sms.txt", "{}"),
    "the page": ("layout.html", "{}"),
}


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_way_out_of_the_sandbox_is_read(escape: str) -> None:
    shipped = load_shipped()
    page = shipped["layout.html"]
    for file, around in PLACES.values():
        text = page.replace("{{ body }}", "{{ body }}" + escape) if file == "layout.html" else ""
        with pytest.raises(WordingsUnusable) as refused:
            build_wordings({"layout.html": page, file: text or around.replace("{}", escape)})
        assert refused.value.problems
