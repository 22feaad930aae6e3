/**
 * Forms whose fields are named as the API names properties: `customer.email`. So what it says of a path goes to the
 * field of that name.
 */
import { ApiError, SessionOver } from "./api";

type Field = HTMLInputElement | HTMLSelectElement;

/** The body that a form describes: `customer.email` becomes `{customer: {email: …}}`; what is empty is left out. */
export function bodyOf(form: HTMLFormElement): Record<string, Record<string, unknown>> {
  const body: Record<string, Record<string, unknown>> = {};
  for (const field of fieldsOf(form)) {
    const [object = "", property = ""] = field.name.split(".");
    const value = field.type === "checkbox" ? (field as HTMLInputElement).checked : field.value;
    body[object] ??= {};
    if (value !== "") body[object][property] = value;
  }
  return body;
}

/**
 * Sends a form, once at a time. `send` answers with what to tell when it went well; if it throws, that is told where it
 * belongs, and what was typed stays.
 */
export function onSubmit(
  form: HTMLFormElement,
  send: () => Promise<string>,
  onOver: (error: SessionOver) => void,
): void {
  const said = form.appendChild(Object.assign(document.createElement("p"), { className: "said" }));
  said.role = "status";
  form.noValidate = true; // the API judges, and what it says is told at the fields
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.ariaBusy !== "true") void attempt();
  });

  async function attempt(): Promise<void> {
    forget(form, said);
    form.ariaBusy = "true";
    said.textContent = "Sending…";
    try {
      said.textContent = await send();
      form.reset();
    } catch (error) {
      said.textContent = "";
      if (error instanceof SessionOver) onOver(error);
      else tell(form, said, error as ApiError);
    } finally {
      form.ariaBusy = "false";
    }
  }
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter((element): element is Field => "name" in element && element.name !== "");
}

function forget(form: HTMLFormElement, said: HTMLElement): void {
  said.role = "status";
  for (const field of fieldsOf(form)) {
    document.getElementById(`${field.name}-problem`)?.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

/** Tells each problem at its field, what belongs to no field below the form, and goes to the first field. */
function tell(form: HTMLFormElement, said: HTMLElement, error: ApiError): void {
  const fields = new Map(fieldsOf(form).map((field) => [field.name, field]));
  const elsewhere = error.problems.filter(({ path }) => !fields.has(path));
  for (const { path, message } of error.problems) {
    const field = fields.get(path);
    if (field) mark(field, message);
  }
  said.role = "alert";
  if (error.problems.length === 0) said.textContent = error.message;
  else said.textContent = elsewhere.map(({ path, message }) => `${path}: ${message}`).join(" ");
  if (error.uncertain) said.textContent += " It may have been done all the same: look before you try again.";
  if (error.retryAfter > 0) holdBack(form, error.retryAfter);
  form.querySelector<Field>("[aria-invalid]")?.focus();
}

function mark(field: Field, message: string): void {
  const id = `${field.name}-problem`;
  const there = document.getElementById(id);
  if (there) {
    there.textContent += ` ${message}`;
    return;
  }
  const problem = Object.assign(document.createElement("span"), { id, className: "problem", textContent: message });
  field.after(problem);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
}

/** Disables the button of a form for some seconds, and counts them down. */
function holdBack(form: HTMLFormElement, seconds: number): void {
  const button = form.querySelector("button")!;
  const label = button.textContent;
  const until = Date.now() + seconds * 1000;
  const tick = (): void => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${label} (in ${left} s)` : label;
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}
