export { cosine, embed, embeddingSize } from './embedding.ts'
