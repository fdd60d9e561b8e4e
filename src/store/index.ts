/** What survives a restart: named JSON documents in a folder, written whole or not at all. */
export {
  createDocumentStore,
  type DocumentStore,
  type DocumentStoreDependencies,
  type DocumentStoreOptions,
  type StoredDocument,
} from './document-store.ts';
