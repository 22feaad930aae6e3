// Writes test/public_names.txt: all that the package exports, as dist/ declares it; `--check` compares instead. Types
// that are made from the contract of the control plane are named alone: they change with that.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const DIST = fileURLToPath(new URL("dist/", import.meta.url)).replaceAll("\\", "/");
const TARGET = new URL("test/public_names.txt", import.meta.url);
const { exports } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));
const entries = Object.entries(exports).filter(([, where]) => where.types);
const files = entries.map(([, where]) => fileURLToPath(new URL(where.types, import.meta.url)));
const program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 });
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

const told = new Set(); // so that what stands in several entries is told once
const made = entries.map(([entry], at) => [`# ${entry}`, ...namesOf(files[at])].join("\n")).join("\n\n") + "\n";
if (process.argv.includes("--check")) {
  const there = await readFile(TARGET, "utf8").catch(() => "");
  if (there !== made) {
    console.error(firstDifference(there.split("\n"), made.split("\n")));
    console.error("A public name has changed. Is it meant? Then `npm run public-names` in js/, and tell CHANGELOG.md.");
    process.exitCode = 1;
  }
} else {
  await writeFile(TARGET, made);
}

/** What a module exports, and the types of ours that stand in it. */
function namesOf(file) {
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
  const found = new Map(symbols.map((symbol) => [real(symbol), symbol.name]));
  for (const symbol of found.keys()) {
    const behind = ours(symbol).flatMap(typesIn).filter((each) => !found.has(each) && !told.has(each));
    for (const each of behind) found.set(each, `(${each.name})`);
  }
  for (const symbol of found.keys()) told.add(symbol);
  return [...found].flatMap(([symbol, name]) => symbol.declarations.map((each) => `${name}: ${textOf(each)}`)).sort();
}

function real(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function ours(symbol) {
  return (symbol.declarations ?? []).filter((each) => isOurs(each.getSourceFile().fileName));
}

function isOurs(file) {
  return file.startsWith(DIST) && !file.startsWith(`${DIST}generated/`);
}

function typesIn(declaration) {
  const found = [];
  const look = (node) => {
    if (ts.isConstructorDeclaration(node)) return;
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const symbol = real(checker.getSymbolAtLocation(node.typeName ?? node.expression));
      if (ours(symbol).length && !(symbol.flags & ts.SymbolFlags.TypeParameter)) found.push(symbol);
    }
    ts.forEachChild(node, look);
  };
  look(declaration);
  return found;
}

/** A declaration as text, without what nobody can call: private members, and constructors, which functions call. */
function textOf(declaration) {
  const source = declaration.getSourceFile();
  if (source.fileName.startsWith(`${DIST}generated/`)) return "made from the contract";
  if (!isOurs(source.fileName)) return `of ${source.fileName.replace(/^.*\/node_modules\//, "")}`;
  const node = ts.isClassDeclaration(declaration) ? withoutPrivate(declaration) : declaration;
  return printer.printNode(ts.EmitHint.Unspecified, node, source);
}

function withoutPrivate(declaration) {
  const { modifiers, name, typeParameters, heritageClauses } = declaration;
  const members = declaration.members.filter(
    (each) => !ts.isConstructorDeclaration(each) && !(each.name && ts.isPrivateIdentifier(each.name)),
  );
  return ts.factory.createClassDeclaration(modifiers, name, typeParameters, heritageClauses, members);
}

function firstDifference(there, made) {
  const at = made.findIndex((line, number) => line !== there[number]);
  return `${fileURLToPath(TARGET)}:${at + 1}:\n  was: ${there[at] ?? ""}\n  is:  ${made[at] ?? ""}`;
}
