// The columns of Tables whose kind says nothing of its own.

import type { ServedColumn } from "../registry/resources/served-resource.ts";

export const nameColumn: ServedColumn = { name: "Name", type: "string", format: "name", priority: 0 };
export const createdColumn: ServedColumn = { name: "Created At", type: "date", format: "", priority: 0 };
