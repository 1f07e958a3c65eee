// Lets only so many pieces of work run at a time; the others wait their turn.

type Work = () => Promise<void>;

export class Gate {
  #free: number;
  #waiting: Work[] = [];
  /** Where in the list the next one is: taking from its front would move all others each time. */
  #next = 0;

  constructor(width: number) {
    this.#free = width;
  }

  /** `work` must not throw. */
  add(work: Work): void {
    if (this.#free === 0) {
      this.#waiting.push(work);
      return;
    }
    this.#free--;
    void this.#run(work);
  }

  async #run(first: Work): Promise<void> {
    for (let work: Work | undefined = first; work; work = this.#take()) await work();
    this.#free++;
  }

  #take(): Work | undefined {
    const work = this.#waiting[this.#next];
    if (work) this.#next++;
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    return work;
  }
}
