// The table of services as it is in the kernel: what plans it was made of, and the transactions that lead to the next ones. Holds
// state, but does nothing: whoever asks for a transaction carries it out, and asks for the whole table when that fails.

import { diffElements, ElementCollector, renderElements } from "../nft/elements.ts";
import { wordsOf } from "../nft/family.ts";
import {
  type Pick,
  type ProxySettings,
  pickChain,
  renderFixedRules,
  renderPickChain,
  tableName,
} from "./fixed-rules.ts";
import { FrontendClaims } from "./frontend-claims.ts";
import type { ServicePlan } from "./plan.ts";
import { frontendsOf, noRules, renderService, type ServiceRules } from "./render-service.ts";
import { SharedElements } from "./shared-elements.ts";

/** Clients that stay with an endpoint, by the name of its set: "10.1.2.3 timeout 10800s expires 71s". */
export type AffinityElements = ReadonlyMap<string, readonly string[]>;

/** By service ("namespace/name"); undefined: it has no rules any more. */
export type PlanChanges = ReadonlyMap<string, ServicePlan | undefined>;

export interface ServiceUpdate {
  readonly commands: string;
  /** Chains nothing leads to any more: to be given to `markStale` when this has been carried out. */
  readonly emptied: readonly string[];
}

export class ServiceTable {
  #settings: ProxySettings;
  #plans = new Map<string, ServicePlan>();
  #claims = new FrontendClaims();
  #picks = new Set<string>();
  #shared = new SharedElements();
  /** Emptied chains, and when: the kernel may need a moment to see that nothing leads there any more. */
  readonly #stale = new Map<string, number>();

  constructor(settings: ProxySettings) {
    this.#settings = settings;
  }

  get plans(): ReadonlyMap<string, ServicePlan> {
    return this.#plans;
  }

  /** The transaction that replaces the table, whatever is in the kernel, keeping only the clients given. */
  replace(settings: ProxySettings, plans: ReadonlyMap<string, ServicePlan>, affinity: AffinityElements): string {
    this.#settings = settings;
    this.#plans = new Map(plans);
    this.#claims = new FrontendClaims();
    this.#picks = new Set();
    this.#shared = new SharedElements();
    this.#stale.clear();
    for (const [key, plan] of plans) this.#claims.claim(key, frontendsOf(plan));
    const transaction = this.#begin();
    for (const [key, plan] of plans) this.#change(transaction, noRules, this.#render(key, plan));
    const table = this.#table();
    return [
      `add table ${table}`,
      `delete table ${table}`,
      renderFixedRules(settings),
      ...this.#write(transaction),
      ...restoreClients(table, transaction.newSets, affinity),
      "",
    ].join("\n");
  }

  /** The transaction for changed services; undefined where their rules stay the same. */
  update(changes: PlanChanges): ServiceUpdate | undefined {
    const before = new Map<string, ServiceRules>();
    const waiting = new Set<string>();
    for (const key of changes.keys()) before.set(key, this.#render(key, this.#plans.get(key)));
    for (const key of changes.keys()) this.#release(key, waiting);
    for (const key of waiting) if (!before.has(key)) before.set(key, this.#render(key, this.#plans.get(key)));
    for (const [key, plan] of changes) this.#adopt(key, plan);
    const transaction = this.#begin();
    for (const key of waiting) this.#claims.claim(key, frontendsOfMaybe(this.#plans.get(key)));
    for (const [key, old] of before) this.#change(transaction, old, this.#render(key, this.#plans.get(key)));
    const commands = this.#write(transaction);
    if (commands.length === 0) return undefined;
    return { commands: `${commands.join("\n")}\n`, emptied: transaction.emptied };
  }

  /** A transaction of its own for chains emptied before `since`; undefined where there are none. */
  deleteStale(since: number): string | undefined {
    const old = [...this.#stale].filter(([, at]) => at < since).map(([chain]) => chain);
    if (old.length === 0) return undefined;
    for (const chain of old) this.#stale.delete(chain);
    return old.map((chain) => `delete chain ${this.#table()} ${chain}\n`).join("");
  }

  /** Notes chains that an update has emptied now. */
  markStale(chains: readonly string[], now: number): void {
    for (const chain of chains) this.#stale.set(chain, now);
  }

  #table(): string {
    return `${wordsOf(this.#settings.family).ip} ${tableName}`;
  }

  #render(key: string, plan: ServicePlan | undefined): ServiceRules {
    if (!plan) return noRules;
    return renderService(plan, this.#settings, (frontend) => this.#claims.isOwner(key, frontend));
  }

  #release(key: string, waiting: Set<string>): void {
    for (const next of this.#claims.release(key, frontendsOfMaybe(this.#plans.get(key)))) waiting.add(next);
  }

  #adopt(key: string, plan: ServicePlan | undefined): void {
    if (!plan) {
      this.#plans.delete(key);
      return;
    }
    this.#plans.set(key, plan);
    this.#claims.claim(key, frontendsOf(plan));
  }

  #begin(): Transaction {
    return {
      picks: new Map(),
      chains: new Map(),
      emptied: [],
      newSets: [],
      oldSets: [],
      removed: new ElementCollector(),
      added: new ElementCollector(),
    };
  }

  #change(transaction: Transaction, before: ServiceRules, after: ServiceRules): void {
    diffElements(before.elements, after.elements, transaction);
    this.#shared.change(before.shared, after.shared);
    for (const [chain, pick] of after.picks) if (!this.#picks.has(chain)) transaction.picks.set(chain, pick);
    for (const [chain, rules] of after.chains) {
      if (!isSameRules(before.chains.get(chain), rules)) transaction.chains.set(chain, rules);
    }
    for (const chain of before.chains.keys()) if (!after.chains.has(chain)) transaction.emptied.push(chain);
    for (const set of after.affinitySets) if (!before.affinitySets.has(set)) transaction.newSets.push(set);
    for (const set of before.affinitySets) if (!after.affinitySets.has(set)) transaction.oldSets.push(set);
  }

  /** In the order nftables wants: nothing is named before it is there, or taken away while it is named. */
  #write(transaction: Transaction): string[] {
    const table = this.#table();
    const { chains, emptied, newSets, oldSets, removed, added } = transaction;
    for (const chain of chains.keys()) this.#stale.delete(chain);
    this.#shared.settle(transaction);
    return [
      ...this.#writePicks(transaction),
      ...[...chains.keys()].map((chain) => `add chain ${table} ${chain}`),
      ...renderElements("delete", table, removed),
      ...[...chains.keys(), ...emptied].map((chain) => `flush chain ${table} ${chain}`),
      ...oldSets.map((set) => `delete set ${table} ${set}`),
      ...newSets.map((set) => `add set ${table} ${set} { ${this.#affinityType()} }`),
      ...[...chains].flatMap(([chain, rules]) => rules.map((rule) => `add rule ${table} ${chain} ${rule}`)),
      ...renderElements("add", table, added),
    ];
  }

  #affinityType(): string {
    return `type ${wordsOf(this.#settings.family).address}; flags dynamic,timeout;`;
  }

  #writePicks({ picks }: Transaction): string[] {
    const table = this.#table();
    const commands: string[] = [];
    const write = (pick: Pick) => {
      const chain = pickChain(pick);
      if (this.#picks.has(chain)) return;
      this.#picks.add(chain);
      if (pick.kind === "masquerade-pick") write({ ...pick, kind: "pick" });
      commands.push(`add chain ${table} ${chain}`);
      const rules = renderPickChain(pick, this.#settings.family);
      commands.push(...rules.map((rule) => `add rule ${table} ${chain} ${rule}`));
    };
    for (const pick of picks.values()) write(pick);
    return commands;
  }
}

interface Transaction {
  readonly picks: Map<string, Pick>;
  readonly chains: Map<string, readonly string[]>;
  readonly emptied: string[];
  readonly newSets: string[];
  readonly oldSets: string[];
  readonly removed: ElementCollector;
  readonly added: ElementCollector;
}

function frontendsOfMaybe(plan: ServicePlan | undefined): Iterable<string> {
  return plan ? frontendsOf(plan) : [];
}

function isSameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);
}

function restoreClients(table: string, sets: readonly string[], affinity: AffinityElements): string[] {
  return sets.flatMap((set) => {
    const clients = affinity.get(set) ?? [];
    return clients.length === 0 ? [] : [`add element ${table} ${set} { ${clients.join(", ")} }`];
  });
}
