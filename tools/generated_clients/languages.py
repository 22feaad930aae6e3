"""The clients: the generator of each, how its client is compiled, and how the walkthrough that uses it is run."""

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / "tools" / ".cache"
WALKTHROUGHS = HERE / "walkthroughs"
NODE, PYTHON, GENERATOR = "generated-clients", "python-client", "openapi-generator"
JAR = f"lib/python3.{sys.version_info.minor}/site-packages/openapi_generator_cli/openapi-generator.jar"
GO_LIBRARIES = Path("/usr/share/gocode")  # where Debian puts them
GLUE = ("// glue", "# glue")
Command = tuple[str, ...]

# What stands for a path in the commands below; `{here}` is the folder of the client.
PLACES = {
    "contract": str(ROOT / "openapi.yaml"),
    "node": str(CACHE / NODE / "node_modules" / ".bin"),
    "python": str(CACHE / PYTHON / "bin"),
    "mypy": str(ROOT / ".venv" / "bin" / "mypy"),
    "jar": str(CACHE / GENERATOR / JAR),
}
# Its validator takes an object as the body of a link for a mistake, which OpenAPI allows.
OPENAPI_GENERATOR = (
    *("java", "-jar", "{jar}", "generate", "--input-spec", "{contract}", "--skip-validate-spec", "--global-property"),
    "apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,modelTests=false",
)


class Client(NamedTuple):
    """A client: its name, the walkthrough that uses it, the lock of its generator (a name in `tools/pinned`), and the
    programs that it needs; the files beside the walkthrough that go along; and the commands that make it, compile it
    with the walkthrough, and run that, all in one folder. `library` is there if its libraries are."""

    name: str
    walkthrough: str
    lock: str
    make: Command
    compile: tuple[Command, ...]
    run: Command
    programs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    library: Path = ROOT

    @property
    def missing(self) -> list[str]:
        """The programs and libraries that it needs and this machine lacks."""
        found = [program for program in self.programs if not shutil.which(program)]
        return found if self.library.exists() else [*found, str(self.library)]

    @property
    def glue(self) -> tuple[int, int]:
        """How many lines of the walkthrough only make the client usable, and how many lines of code it has."""
        lines = (WALKTHROUGHS / self.walkthrough).read_text("utf-8").splitlines()
        code = [line for line in lines if line.strip() and not line.strip().startswith(("//", "#", '"""'))]
        return sum(line.endswith(GLUE) for line in code), len(code)


JAVA = "library=native,hideGenerationTimestamp=true,openApiNullable=false,annotationLibrary=none,"
JAVA += "documentationProvider=none,useJakartaEe=false,useSingleRequestParameter=true,"
JAVA += "invokerPackage=client,apiPackage=client.api,modelPackage=client.model"
GO = ("env", "GO111MODULE=off", f"GOPATH={{here}}:{GO_LIBRARIES}", "GOFLAGS=", "go")

ALL = (
    Client(
        "TypeScript, openapi-fetch",
        "openapi_fetch.ts",
        lock=NODE,
        programs=("node", "npm"),
        files=("tsconfig.json", "package.json"),
        make=("{node}/openapi-typescript", "{contract}", "--output", "client/openapi.ts"),
        compile=(("{node}/tsc",),),
        run=("node", "made/openapi_fetch.js"),
    ),
    Client(
        "TypeScript, hey-api",
        "hey_api.ts",
        lock=NODE,
        programs=("node", "npm"),
        files=("tsconfig.json", "package.json", "openapi-ts.config.mjs"),
        make=("{node}/openapi-ts", "--input", "{contract}", "--file", "openapi-ts.config.mjs"),
        compile=(("{node}/tsc",),),
        run=("node", "made/hey_api.js"),
    ),
    Client(
        "Python, openapi-python-client",
        "openapi_python_client.py",
        lock=PYTHON,
        files=("openapi-python-client.json",),
        make=(
            *("{python}/openapi-python-client", "generate", "--path", "{contract}", "--meta", "none"),
            *("--output-path", "client", "--config", "openapi-python-client.json", "--fail-on-warning"),
        ),
        compile=(("{mypy}", "--strict", "--python-executable", "{python}/python", "openapi_python_client.py"),),
        run=("{python}/python", "openapi_python_client.py"),
    ),
    Client(
        "Java, openapi-generator",
        "Walkthrough.java",
        lock=GENERATOR,
        programs=("java", "javac"),
        files=("Generated.java",),
        make=(
            *(*OPENAPI_GENERATOR, "--generator-name", "java", "--output", ".", "--additional-properties", JAVA),
            *("--schema-mappings", "AchievementActivityData=Object"),
        ),
        compile=(
            ("sh", "-c", "find src -name '*.java' >client.txt"),
            ("javac", "-proc:none", "-cp", "{jar}", "-d", "made", "Generated.java", "@client.txt"),
            # The vendor has deprecated members' logins.
            ("javac", "-Xlint:all,-deprecation", "-Werror", "-cp", "{jar}:made", "-d", "made", "Walkthrough.java"),
        ),
        run=("java", "-cp", "{jar}:made", "Walkthrough"),
    ),
    Client(
        "Go, openapi-generator",
        "walkthrough.go",
        lock=GENERATOR,
        programs=("java", "go"),
        library=GO_LIBRARIES / "src" / "gopkg.in" / "validator.v2",
        make=(
            *(*OPENAPI_GENERATOR, "--generator-name", "go", "--output", "src/client"),
            *("--additional-properties", "packageName=client,withGoMod=false"),
        ),
        compile=((*GO, "vet", "walkthrough.go"), (*GO, "build", "-o", "made", "walkthrough.go")),
        run=("./made",),
    ),
)

NO_CSHARP = "what generators make needs Newtonsoft.Json or System.Text.Json, which Debian's mono doesn't have"
