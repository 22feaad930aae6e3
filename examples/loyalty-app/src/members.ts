/** The view of members: how many there are, and a form that adds one. */
import { SessionOver, type Api } from "./api";
import { bodyOf, onSubmit } from "./forms";

const form = document.querySelector<HTMLFormElement>("#members form")!;
const count = document.querySelector<HTMLElement>("#count")!;

/** Wires the view; returns what shows it anew. */
export function membersView(api: Api, onOver: (error: SessionOver) => void): () => Promise<void> {
  async function show(): Promise<void> {
    try {
      count.textContent = `${await api.memberCount()} members`;
    } catch (error) {
      count.textContent = (error as Error).message;
      if (error instanceof SessionOver) onOver(error);
    }
  }

  async function register(): Promise<string> {
    const { email } = await api.register(bodyOf(form));
    void show();
    return `${email} is a member now.`;
  }

  onSubmit(form, register, onOver);
  return show;
}
