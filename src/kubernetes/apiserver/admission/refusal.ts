// How a plug-in says no.

/** The request is refused as Forbidden, in the name of its object, with this message. Other errors are the server's own. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
