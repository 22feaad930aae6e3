#!/usr/bin/env node
/*
 * Prints, as a JSON array of lines, what a file made by openapi-typescript has of a contract.
 * The lines are those of inventory.py; its docstring describes them.
 *
 *   node tools/contract_tools/ts_inventory.mjs client.ts
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const ts = createRequire(new URL("../.cache/node/", import.meta.url))("typescript");
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const { SyntaxKind: Kind } = ts;

const file = process.argv[2];
const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
const interfaces = Object.fromEntries(
  source.statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node]),
);

/** Name and type of each property of a type, which may be a reference; `never` has none. */
function members(type) {
  const node = resolve(type);
  const signatures = (node?.members ?? []).filter(ts.isPropertySignature);
  return signatures
    .filter((member) => member.type.kind !== Kind.NeverKeyword)
    .map((member) => [member.name.text, member.type]);
}

/** The type of the property `name`, or undefined. */
function property(type, name) {
  return type && members(type).find(([key]) => key === name)?.[1];
}

/** Follows `components["responses"]["X"]` and `operations["x"]` to what they name. */
function resolve(type) {
  if (type?.kind !== Kind.IndexedAccessType) return type;
  const owner = type.objectType;
  const holder = ts.isTypeReferenceNode(owner) ? interfaces[owner.typeName.text] : resolve(owner);
  return resolve(property(holder, type.indexType.literal.text));
}

/** Whether a type says `null` itself. */
function isNullable(type) {
  if (ts.isLiteralTypeNode(type)) return type.literal.kind === Kind.NullKeyword;
  if (ts.isParenthesizedTypeNode(type)) return isNullable(type.type);
  return ts.isUnionTypeNode(type) && type.types.some(isNullable);
}

/** Dotted paths of the properties written down in a type; references are not followed. */
function* propertyPaths(type) {
  if (!type || type.kind === Kind.IndexedAccessType) return;
  if (ts.isTypeLiteralNode(type)) {
    for (const [name, inner] of members(type)) {
      yield `.${name}`;
      if (isNullable(inner)) yield `.${name}|null`;
      for (const path of propertyPaths(inner)) yield `.${name}${path}`;
    }
    for (const map of type.members.filter(ts.isIndexSignatureDeclaration)) {
      yield ".*";
      yield* propertyPaths(map.type);
    }
    return;
  }
  const parts = type.types ?? type.typeArguments ?? [type.elementType ?? type.type];
  for (const part of parts) yield* propertyPaths(part);
}

/** The lines of one operation. */
function* operationLines(key, operation) {
  yield key;
  const spelling = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  for (const [place, parameters] of members(property(operation, "parameters"))) {
    for (const [name] of members(parameters)) {
      yield `${key}: ${place} ${place === "path" ? spelling(name) : name}`;
    }
  }
  const body = property(operation, "requestBody");
  for (const [media, type] of members(body && property(body, "content"))) {
    yield `${key}: body ${media}`;
    for (const path of propertyPaths(type)) yield `${key}: body ${media} ${path}`;
  }
  for (const [status, response] of members(property(operation, "responses"))) {
    yield `${key}: response ${status}`;
    for (const [, type] of members(property(response, "content") ?? response)) {
      for (const path of propertyPaths(type)) yield `${key}: response ${status} ${path}`;
    }
  }
}

/** All lines of the file. */
function* lines() {
  for (const [path, item] of members(interfaces.paths)) {
    for (const method of METHODS) {
      const operation = property(item, method);
      const key = `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, "{}")}`;
      if (operation) yield* operationLines(key, operation);
    }
  }
  for (const [name, type] of members(property(interfaces.components, "schemas"))) {
    yield `schema ${name}`;
    for (const path of propertyPaths(type)) yield `schema ${name} ${path}`;
  }
}

console.log(JSON.stringify([...lines()]));
