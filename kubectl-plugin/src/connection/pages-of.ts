const rowsPerPage = 1_000

/** Every page after the other. */
export async function* pagesOf<Page extends { readonly next: string | null }>(
  readPage: (place: { readonly limit: number; readonly after?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let after: string | null = null
  do {
    const page: Page = await readPage({ limit: rowsPerPage, ...(after !== null && { after }) })
    yield page
    after = page.next
  } while (after !== null)
}
