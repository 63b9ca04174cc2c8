/** Version 1 of what a run says whose texts about columns are copied to equal columns of other tables. */
export const sharedColumnsRule = `Shared columns
Equal columns stand in other tables as well and are given the same text. In what you write about a column, do not name or describe the table it stands in, and state nothing that holds for this table alone, such as a number of rows or a share of empty values.`
