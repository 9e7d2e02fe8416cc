"""The README's own Python: every fenced block, in order, against a fresh server."""

import re

from support import server

README = server.ROOT / "README.md"
BASE_URL = "http://127.0.0.1:9011"
FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)


def blocks():
    """The README's Python blocks, each padded so that a failure names the README's line."""
    text = README.read_text()
    found = []
    for match in FENCE.finditer(text):
        lines_before = text.count("\n", 0, match.start(1))
        found.append("\n" * lines_before + match.group(1))
    return found


def follow(running, monkeypatch):
    """Does what the README's reader does, one block after the other."""
    monkeypatch.setenv("DOCKET_API_KEY", running.key)
    monkeypatch.setenv("DOCKET_ADMIN_PASSWORD", server.ADMIN_PASSWORD)
    namespace = {"__name__": "__main__"}
    for block in blocks():
        source = block.replace(BASE_URL, running.url)
        exec(compile(source, str(README), "exec"), namespace)


def test_the_readme_shows_how_to_use_the_official_client():
    text, code = README.read_text(), "\n".join(blocks())
    assert BASE_URL in text
    assert "FusionAuthClient" in code
    assert "waldur_api_client" in code
    assert "DOCKET_API_KEY" in code


def test_the_readmes_python_works_on_a_fresh_server(engine, monkeypatch):
    with server.running(engine) as running:
        follow(running, monkeypatch)


def test_the_readmes_python_works_on_the_demo(tmp_path, monkeypatch):
    assert re.search(r"\bdemo\b", README.read_text()), "the README shows the demo"
    key = server.new_key()
    with server.ending(server.launch(["demo"], tmp_path, key)) as running:
        follow(running, monkeypatch)
