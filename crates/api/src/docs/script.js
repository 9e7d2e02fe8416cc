// Shows /api/openapi.json. Everything becomes text nodes, never markup, so that nothing in the
// document can be more than text.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text, what is not there is left out. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== ""));
  return made;
}

/** Text in which `code` stands between back quotes. */
function prose(text) {
  return String(text ?? "")
    .split("`")
    .map((piece, index) => (index % 2 ? element("code", {}, piece) : piece));
}

const anchor = (text) => text.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
const schemaAnchor = (name) => `schema-${anchor(name)}`;

/** A method and a path; where a line is too short for it, the path breaks before a slash. */
function route(operation) {
  const steps = operation.path.split(/(?=\/)/).flatMap((step) => [element("wbr"), step]);
  return [
    element("span", { class: `method ${operation.method}` }, operation.method),
    element("span", { class: "path" }, steps),
  ];
}

function operationsOf(api) {
  const operations = [];
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const method of METHODS.filter((method) => item[method])) {
      const described = item[method];
      operations.push({
        ...described,
        path,
        method,
        tag: described.tags?.[0] ?? "Other",
        id: anchor(`${method}-${path}`),
        parameters: [...(item.parameters ?? []), ...(described.parameters ?? [])],
        words: [method, path, described.summary, described.description, ...(described.tags ?? [])]
          .join(" ")
          .toLowerCase(),
      });
    }
  }
  return operations;
}

function grouped(operations) {
  const groups = new Map();
  for (const operation of operations) {
    if (!groups.has(operation.tag)) groups.set(operation.tag, []);
    groups.get(operation.tag).push(operation);
  }
  const inOrder = (a, b) =>
    a.path.localeCompare(b.path) || METHODS.indexOf(a.method) - METHODS.indexOf(b.method);
  const tags = [...groups].sort(([a], [b]) => a.localeCompare(b));
  return tags.map(([tag, members]) => [tag, members.sort(inOrder)]);
}

const refName = (schema) => schema.$ref?.split("/").pop();

/** What kind of value a schema describes, in a line; names of schemas are links. */
function typeOf(schema) {
  if (schema === undefined || schema === true) return ["anything"];
  const name = refName(schema);
  if (name) return [element("a", { href: `#${schemaAnchor(name)}` }, name)];
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return joined(choices.map(typeOf), " or ");
  if (schema.allOf) return joined(schema.allOf.map(typeOf), " and ");
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" or ")];
  const types = [schema.type ?? "anything"].flat();
  return joined(types.map((type) => plainType(type, schema)), " or ");
}

function plainType(type, schema) {
  if (type === "array") return ["list of ", ...typeOf(schema.items)];
  const values = schema.additionalProperties;
  if (type === "object" && typeof values === "object") return ["map to ", ...typeOf(values)];
  return [schema.format && type !== "null" ? `${type} (${schema.format})` : type];
}

function joined(parts, between) {
  return parts.flatMap((part, index) => (index ? [between, ...part] : part));
}

/** The members of an object; those of its parts when it is made of several. */
function membersOf(schema) {
  const parts = [schema, ...(schema.allOf ?? [])];
  return parts.flatMap((part) =>
    Object.entries(part.properties ?? {}).map(([name, member]) => ({
      name,
      schema: member,
      required: (part.required ?? []).includes(name),
      description: member.description,
    })),
  );
}

/** A table without the columns in which no row says anything. */
function table(headings, rows) {
  const told = (column) => rows.some((cells) => [cells[column]].flat().some((cell) => cell !== ""));
  const kept = headings.map((_, column) => column).filter(told);
  headings = kept.map((column) => headings[column]);
  rows = rows.map((cells) => kept.map((column) => cells[column]));
  const head = element("tr", {}, headings.map((heading) => element("th", { scope: "col" }, heading)));
  const body = rows.map((cells) => element("tr", {}, cells.map((cell) => element("td", {}, cell))));
  const whole = element("table", {}, element("thead", {}, head), element("tbody", {}, body));
  return element("div", { class: "scroll" }, whole);
}

const named = (name, required) => [
  element("code", {}, name),
  required ? element("span", { class: "need" }, " required") : "",
];
const typed = (schema) => element("span", { class: "type" }, typeOf(schema));

/** A schema that is used in place: its type, and its members when it has any of its own. */
function shape(schema) {
  const members = membersOf(schema);
  if (members.length === 0) return [element("p", {}, typed(schema))];
  return [memberTable(members)];
}

function memberTable(members) {
  const rows = members.map((member) => [
    named(member.name, member.required),
    typed(member.schema),
    prose(member.description),
  ]);
  return table(["Member", "Type", "Meaning"], rows);
}

function parametersOf(operation) {
  if (operation.parameters.length === 0) return [];
  const rows = operation.parameters.map((parameter) => [
    named(parameter.name, parameter.required),
    parameter.in,
    typed(parameter.schema),
    prose(parameter.description),
  ]);
  return [element("h4", {}, "Parameters"), table(["Name", "In", "Type", "Meaning"], rows)];
}

function bodyOf(operation) {
  const content = Object.entries(operation.requestBody?.content ?? {});
  if (content.length === 0) return [];
  const kinds = content.map(([mediaType, { schema }]) => [
    element("p", { class: "quiet" }, mediaType),
    shape(schema ?? {}),
  ]);
  return [element("h4", {}, "Body"), element("p", {}, prose(operation.requestBody.description)), kinds];
}

function responsesOf(operation) {
  const rows = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const content = Object.values(response.content ?? {});
    const body = content.length ? typed(content[0].schema) : element("span", { class: "quiet" }, "–");
    return [element("code", {}, status), body, prose(response.description)];
  });
  return [element("h4", {}, "Answers"), table(["Status", "Body", "Meaning"], rows)];
}

function securityOf(operation) {
  const names = (operation.security ?? []).flatMap((choice) => Object.keys(choice));
  if (names.length === 0) return element("p", { class: "quiet" }, "Needs no credential.");
  return element("p", { class: "quiet" }, `Credential: ${names.join(" or ")}.`);
}

function operationView(operation) {
  const summary = element(
    "summary",
    {},
    route(operation),
    element("span", { class: "says" }, prose(operation.summary ?? operation.description)),
  );
  const description = operation.summary && operation.description ? operation.description : "";
  const inside = element(
    "div",
    { class: "inside" },
    description ? element("p", {}, prose(description)) : "",
    securityOf(operation),
    parametersOf(operation),
    bodyOf(operation),
    responsesOf(operation),
  );
  return element("details", { id: operation.id }, summary, inside);
}

function schemaView([name, schema]) {
  return element(
    "article",
    { class: "schema", id: schemaAnchor(name) },
    element("h3", {}, name),
    schema.description ? element("p", {}, prose(schema.description)) : "",
    shape(schema),
  );
}

function credentials(api) {
  const schemes = Object.entries(api.components?.securitySchemes ?? {});
  const words = schemes.map(([name, scheme]) => {
    const line = scheme.type === "http" ? `Authorization: ${scheme.scheme} …` : `${scheme.name}: …`;
    return [`${name} in the header `, element("code", {}, line)];
  });
  return words.length ? [element("p", {}, "Credentials: ", joined(words, ", "), ".")] : [];
}

/** Shows the operations whose words all occur, and says how many they are. */
function filter(views) {
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { operation, view, entry } of views) {
    const hit = words.every((word) => operation.words.includes(word));
    view.hidden = entry.hidden = !hit;
    found += Number(hit);
  }
  for (const section of document.querySelectorAll("[data-tag]")) {
    section.hidden = !section.querySelector("details:not([hidden]), li:not([hidden])");
  }
  byId("schemas").hidden = words.length > 0;
  byId("found").textContent = `${found} of ${views.length} operations`;
}

/** Opens and marks the operation that the address names. */
function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id && byId(id);
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  for (const link of document.querySelectorAll("nav li a")) {
    if (link.hash === location.hash) {
      link.setAttribute("aria-current", "true");
      link.scrollIntoView({ block: "nearest" });
    } else {
      link.removeAttribute("aria-current");
    }
  }
  target.scrollIntoView();
}

function show(api) {
  document.title = `${api.info.title} API`;
  byId("title").textContent = `${api.info.title} API`;
  byId("version").textContent = api.info.version ?? "";
  byId("description").append(...prose(api.info.description));
  byId("security").append(...credentials(api));
  const views = [];
  for (const [tag, operations] of grouped(operationsOf(api))) {
    const list = element("ul");
    const section = element("section", { "data-tag": tag }, element("h2", { id: `tag-${anchor(tag)}` }, tag));
    for (const operation of operations) {
      const view = operationView(operation);
      const entry = element("li", {}, element("a", { href: `#${operation.id}` }, route(operation)));
      list.append(entry);
      section.append(view);
      views.push({ operation, view, entry });
    }
    byId("index").append(element("div", { "data-tag": tag }, element("h2", {}, tag), list));
    byId("operations").append(section);
  }
  const schemas = Object.entries(api.components?.schemas ?? {}).sort(([a], [b]) => a.localeCompare(b));
  byId("schemas").append(...schemas.map(schemaView));
  byId("state").textContent = "";
  byId("filter").addEventListener("input", () => filter(views));
  byId("expand").addEventListener("click", (event) => {
    const open = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(open));
    event.currentTarget.textContent = open ? "Close all" : "Open all";
    for (const { view } of views) view.open = open;
  });
  addEventListener("hashchange", follow);
  filter(views);
  follow();
}

async function start() {
  try {
    const response = await fetch("/api/openapi.json");
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    show(await response.json());
  } catch (error) {
    const state = byId("state");
    state.className = "failed";
    state.textContent = `The description of the API cannot be shown: ${error.message}.`;
  }
}

start();
