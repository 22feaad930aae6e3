"""mockserver.openapi.loading.folder: what a contract may refer to on this machine."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.loading import folder, load, sources

SECRET = "s3cret"


@pytest.fixture
def api(tmp_path: Path) -> Path:
    """The folder of a contract, beside a file that is none of its business."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.yaml").write_text(f"type: {SECRET}\n")
    (tmp_path / "api" / "deep").mkdir(parents=True)
    (tmp_path / "api" / "pet.yaml").write_text("type: object\n")
    (tmp_path / "api" / "deep" / "pet.yaml").write_text("type: object\n")
    return tmp_path / "api"


def _contract(api: Path, reference: str) -> Path:
    """A contract with one reference, in line 6."""
    root = api / "openapi.yaml"
    quoted = reference.replace("'", "''")
    head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
    root.write_text(f"{head}    A: {{$ref: '{quoted}'}}\n", "utf-8")
    return root


def _refused(api: Path, reference: str) -> str:
    with pytest.raises(ContractError) as caught:
        load(_contract(api, reference), check=False)
    return str(caught.value)


OUTSIDE = [
    "/etc/passwd",
    "../outside/secret.yaml",
    "../../../../../../../../etc/passwd",
    "deep/../../outside/secret.yaml",
    "./deep/.././../outside/secret.yaml",
    "%2e%2e/outside/secret.yaml",
    "..%2foutside%2fsecret.yaml",
    "%2fetc%2fpasswd",
    "deep%2f..%2f..%2foutside/secret.yaml",
    "//etc/passwd",
    "///etc/passwd",
    "../api/../outside/secret.yaml",
    "../apis/pet.yaml",
    "../api",
    "..",
    "/proc/self/environ",
    "/dev/zero",
    "/dev/stdin",
]


@pytest.mark.parametrize("fragment", ["", "#", "#/type"])
@pytest.mark.parametrize("reference", OUTSIDE)
def test_no_path_leads_out_of_the_folder(api: Path, reference: str, fragment: str) -> None:
    """However a path is written, what is outside of the contract's folder isn't read; line and way out are told."""
    message = _refused(api, reference + fragment)

    assert message.startswith(f"{api}/openapi.yaml:6: the reference '{reference}")
    assert "and no other file is read. Move it there, or name a folder that holds them all: --spec-root DIR" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "reference", ["file:///etc/passwd", "FILE:pet.yaml", "file:pet.yaml", "ftp://127.0.0.1/a", "gopher:x", "data:,{}"]
)
def test_no_url_is_asked(api: Path, reference: str) -> None:
    """A local contract can't refer to a URL, of whatever kind."""
    assert "a file may not refer to the web, nor to any URL" in _refused(api, reference)


@pytest.mark.parametrize("reference", ["pet.yaml%00", "%00", "a" * 5000, "~/pet.yaml", "pet.yaml/x"])
def test_odd_names_are_no_files(api: Path, reference: str) -> None:
    """What names no file is refused in one line, with no traceback."""
    message = _refused(api, reference)

    assert "can't be read: " in message
    assert "\n" not in message


@pytest.mark.parametrize("reference", [".env", "deep/.git/config", "./.ssh/id", "%2eenv"])
def test_hidden_files_are_not_read(api: Path, reference: str) -> None:
    """What is hidden in the folder isn't read, be it there or not: the folder may be somebody's home."""
    assert "is hidden. Move it" in _refused(api, reference)


@pytest.mark.parametrize("target", [".git/config", "deep/../.git/config", "{api}/.git/config", "./.git/../.git/config"])
@pytest.mark.parametrize("hops", [1, 2])
def test_no_link_leads_to_what_is_hidden(api: Path, target: str, hops: int) -> None:
    """A link to what is hidden in the folder isn't followed, unless the folder was chosen to be read as a whole."""
    (api / ".git").mkdir()
    (api / ".git" / "config").write_text(f"type: {SECRET}\n")
    (api / f"link{hops}.yaml").symlink_to(target.format(api=api))
    (api / f"link{hops - 1}.yaml").symlink_to(f"link{hops}.yaml")

    message = _refused(api, "link1.yaml" if hops == 1 else "deep/../link1.yaml")

    assert "is hidden. Move it" in message
    assert load(_contract(api, "link1.yaml"), check=False, root=api).content["components"]


LINKS: list[tuple[str, str]] = [
    ("link.yaml", "../outside/secret.yaml"),
    ("link.yaml", "/etc/passwd"),
    ("link.yaml", "deep/../../outside/secret.yaml"),
    ("link", "../outside"),
    ("link", ".."),
    ("link", "/"),
    ("deep/link", "../.."),
]


@pytest.mark.parametrize(("link", "target"), LINKS)
@pytest.mark.parametrize("hops", [1, 2, 3])
def test_no_link_leads_out_of_the_folder(api: Path, link: str, target: str, hops: int) -> None:
    """A link out of the folder isn't followed: not to a file, not to a folder, and not by way of other links."""
    (api / link).symlink_to(target)
    for hop in range(1, hops):
        (api / f"hop{hop}").symlink_to(link if hop == 1 else f"hop{hop - 1}")
    first = link if hops == 1 else f"hop{hops - 1}"
    rest = (
        ""
        if link.endswith(".yaml")
        else {"..": "/outside/secret.yaml", "../..": "/outside/secret.yaml"}.get(
            target, "/secret.yaml" if target != "/" else "/etc/passwd"
        )
    )

    message = _refused(api, first + rest)

    assert "and no other file is read" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    ("link", "target", "reference"),
    [
        ("link.yaml", "pet.yaml", "link.yaml"),
        ("link.yaml", "deep/../pet.yaml", "link.yaml"),
        ("link", "deep", "link/pet.yaml"),
        ("deep/up", "..", "deep/up/pet.yaml"),
        ("..data", "deep", "..data/pet.yaml"),
        ("link.yaml", "{api}/pet.yaml", "link.yaml"),
        ("link", "{api}/deep", "link/../link/pet.yaml"),
    ],
)
def test_links_inside_are_followed(api: Path, link: str, target: str, reference: str) -> None:
    """A link that stays inside is what it stands for, as mounted configurations have it."""
    (api / link).symlink_to(target.format(api=api))

    document = load(_contract(api, reference), check=False, root=api)

    assert document.content["components"]["schemas"]["A"] == {"type": "object"}


@pytest.mark.parametrize("target", ["loop.yaml", "loop2.yaml"])
def test_links_without_end_are_refused(api: Path, target: str) -> None:
    """Links that lead to each other end nowhere, and soon."""
    (api / "loop.yaml").symlink_to(target)
    (api / "loop2.yaml").symlink_to("loop.yaml")

    assert "Too many levels of symbolic links" in _refused(api, "loop.yaml")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


@pytest.mark.parametrize("make", [_pipe, _socket, Path.mkdir])
@pytest.mark.parametrize("as_root", [False, True])
def test_only_regular_files_are_read(api: Path, make: Callable[[Path], None], *, as_root: bool) -> None:
    """A pipe, a socket or a folder is refused at once, where nobody writes into it, too."""
    make(api / "odd.yaml")

    with pytest.raises(ContractError, match=r"odd\.yaml (is no regular file|can't be read: (Is a dir|No such dev))"):
        load(api / "odd.yaml" if as_root else _contract(api, "odd.yaml"), check=False)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_devices_are_no_contracts(device: str) -> None:
    """A device isn't read, whoever names it."""
    with pytest.raises(ContractError, match=rf"{device} (is no regular file|can't be read)"):
        load(device)


def test_large_files_are_refused(api: Path) -> None:
    """A file over the bound is refused before it is read, and the bound told."""
    with (api / "large.yaml").open("wb") as file:
        file.truncate(folder.MAX_FILE + 1)

    assert "large.yaml has more than 64 MB. Leave out what isn't needed." in _refused(api, "large.yaml")
    with pytest.raises(ContractError, match="has more than 64 MB"):
        load(api / "large.yaml")


def test_what_was_checked_is_what_is_opened(api: Path) -> None:
    """A link that takes the place of a folder after the check isn't followed either: no opening follows links."""
    (api / "link").symlink_to("../outside")
    checked = folder.Folder(api)

    for path in ("link", "link/secret.yaml"):
        with pytest.raises(folder.FileRefused, match="no other file is read"):
            checked.read(str(api / path))


def test_a_wider_folder_can_be_named(api: Path) -> None:
    """`root` says what may be referred to: what is hidden in it, too, and nothing beyond."""
    (api.parent / "outside" / ".b.yaml").write_text("type: string\n")

    for reference, kind in (("../outside/secret.yaml", SECRET), ("../outside/.b.yaml", "string")):
        document = load(_contract(api, reference), check=False, root=api.parent)
        assert document.content["components"]["schemas"]["A"] == {"type": kind}
    with pytest.raises(ContractError, match="no other file is read"):
        load(_contract(api, "/etc/passwd"), root=api.parent)


def test_the_contract_must_be_in_the_folder_that_is_named(api: Path) -> None:
    """A folder that doesn't hold the contract, or is none, is told."""
    root = _contract(api, "pet.yaml")

    with pytest.raises(ContractError, match=r"openapi\.yaml is not in .*/deep, and no other file is read"):
        load(root, root=api / "deep")
    with pytest.raises(ContractError, match=r"no is no folder\. Correct --spec-root"):
        load(root, root=api / "no")


def test_the_contract_may_be_a_link(tmp_path: Path, api: Path) -> None:
    """The contract itself may be anywhere; what it refers to is beside the link."""
    elsewhere = _contract(api, "pet.yaml").rename(tmp_path / "openapi.yaml")
    (api / "openapi.yaml").symlink_to(elsewhere)

    assert load(api / "openapi.yaml", check=False).content["components"]["schemas"]["A"] == {"type": "object"}


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_encoding_twice_is_a_name(api: Path, depth: int) -> None:
    """What is percent-encoded is decoded once: encoded again, it is the name of a file inside."""
    reference = "../outside/secret.yaml"
    for _ in range(depth):
        reference = quote(reference, safe="").replace(".", "%2E")

    assert ("no other file is read" if depth == 1 else "can't be read: No such file") in _refused(api, reference)


def test_documents_are_counted(api: Path) -> None:
    """A contract that names files on and on is refused, whether they are there or not."""
    names = ", ".join(f"n{number}: n{number}.yaml" for number in range(sources.MOST_DOCUMENTS))
    root = _contract(api, "pet.yaml")
    told = f"    A: {{discriminator: {{propertyName: t, mapping: {{{names}}}}}}}\n    B: {{items: "
    root.write_text(root.read_text().replace("    A: {", told + "{") + "    }\n")

    with pytest.raises(ContractError, match="a contract may have 5000 documents at most"):
        load(root)


@pytest.mark.parametrize("reference", [one for one in OUTSIDE if "%" not in one])
def test_nothing_outside_is_read_where_folders_cannot_be_opened(api: Path, reference: str) -> None:
    """Where the system opens no folders, as on Windows, nothing outside of the folder is read either."""
    with pytest.raises((folder.FileRefused, OSError)) as caught:
        folder.Folder(api, stepwise=False).read(str(api / reference))

    assert SECRET not in str(caught.value)


def test_links_are_judged_by_their_ends_where_folders_cannot_be_opened(api: Path) -> None:
    """There, too, a link within the folder is followed, and one that leads out of it, or to what is hidden, isn't."""
    (api / "inside.yaml").symlink_to("deep/pet.yaml")
    (api / "outside.yaml").symlink_to("../outside/secret.yaml")
    (api / ".env").write_text(SECRET)
    (api / "hidden.yaml").symlink_to(".env")
    plain = folder.Folder(api, stepwise=False)

    assert plain.read(str(api / "inside.yaml")) == b"type: object\n"
    for name in ("outside.yaml", "hidden.yaml", ".env"):
        with pytest.raises(folder.FileRefused):
            plain.read(str(api / name))
