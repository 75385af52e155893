// Shows /openapi.json for people, with nothing from another server.

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function resolved(api, schema) {
  if (!schema.$ref) return schema;
  return schema.$ref.slice(2).split("/").reduce((place, part) => place[part], api);
}

function typeName(api, schema) {
  if (schema.anyOf) return schema.anyOf.map((each) => typeName(api, each)).join(" or ");
  if (schema.type === "array") return `list of ${typeName(api, schema.items ?? {})}`;
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  return schema.type ?? "anything";
}

function table(headings, rows) {
  const made = element("table", undefined, "facts");
  const head = made.createTHead().insertRow();
  for (const heading of headings) {
    const cell = element("th", heading);
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const cells of rows) {
    const row = body.insertRow();
    for (const content of cells) row.insertCell().append(content);
  }
  const frame = element("div", undefined, "scroll");
  frame.append(made);
  return frame;
}

function field(api, name, schema, required) {
  const need = required ? "required" : `optional${"default" in schema ? `, ${JSON.stringify(schema.default)}` : ""}`;
  return [element("code", name), typeName(api, schema), need, schema.description ?? ""];
}

function inputRows(api, operation) {
  const rows = (operation.parameters ?? []).map((each) =>
    field(api, each.name, { ...each.schema, description: each.description ?? each.schema.description }, each.required));
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  if (!body) return rows;
  const schema = resolved(api, body);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    rows.push(field(api, name, property, schema.required?.includes(name)));
  }
  return rows;
}

function answerRows(api, operation) {
  return Object.entries(operation.responses).map(([status, answer]) => {
    const [kind, content] = Object.entries(answer.content ?? {})[0] ?? ["", {}];
    const schema = content.schema ? resolved(api, content.schema) : {};
    const fields = Object.keys(schema.properties ?? {}).join(", ");
    return [element("code", status), answer.description, element("code", fields || kind)];
  });
}

function operationPanel(api, path, method, operation) {
  const panel = element("section", undefined, "panel");
  const title = element("h2");
  title.append(element("span", method.toUpperCase(), "method"), element("code", path));
  panel.append(title, element("p", operation.description ?? ""));
  const inputs = inputRows(api, operation);
  if (inputs.length) {
    const place = operation.requestBody ? "JSON body" : "Query";
    panel.append(element("h3", operation.parameters && operation.requestBody ? "Query or JSON body" : place));
    panel.append(table(["Name", "Type", "", ""], inputs));
  }
  panel.append(element("h3", "Answers"), table(["Status", "Meaning", "Content"], answerRows(api, operation)));
  return panel;
}

const api = await (await fetch("/openapi.json")).json();
document.getElementById("title").textContent = `${api.info.title} ${api.info.version}`;
document.getElementById("description").textContent = api.info.description;
const panels = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => operationPanel(api, path, method, operation)));
document.getElementById("operations").replaceChildren(...panels);
