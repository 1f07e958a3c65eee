// What a store must answer, worked out the slowest and plainest way: from the list of all changes ever made.

export interface ModelChange {
  readonly revision: number;
  readonly key: string;
  /** What the object says; absent for a delete. */
  readonly value: string | undefined;
}

export interface ModelObject {
  readonly key: string;
  readonly revision: number;
  readonly value: string;
}

export class StoreModel {
  readonly changes: ModelChange[] = [];

  get revision(): number {
    return this.changes.at(-1)?.revision ?? 1;
  }

  add(change: ModelChange): void {
    this.changes.push(change);
  }

  /** All objects at a revision, in key order. */
  listAt(revision: number): ModelObject[] {
    const objects = new Map<string, ModelObject>();
    for (const change of this.changes) {
      if (change.revision > revision) break;
      if (change.value === undefined) objects.delete(change.key);
      else objects.set(change.key, { key: change.key, revision: change.revision, value: change.value });
    }
    return [...objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  get(key: string): ModelObject | undefined {
    return this.listAt(this.revision).find((object) => object.key === key);
  }

  /** The changes a watch must show: all after one revision, up to another. */
  changesBetween(after: number, upTo: number): ModelChange[] {
    return this.changes.filter(({ revision }) => revision > after && revision <= upTo);
  }
}
