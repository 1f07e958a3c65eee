// Storage without a driver: volumes that are folders of the node their pod runs on.

export {
  createLocalPathProvisioner,
  type LocalPathOptions,
  type LocalPathProvisioner,
} from "./local-path-provisioner.ts";
export { createVolumeFolders, pretendedFolders, type VolumeFolders } from "./volume-folders.ts";
