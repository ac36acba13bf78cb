package client

// What is asked of Shopify. The sizes keep each query below the 1,000 points that one may cost
// (https://shopify.dev/docs/api/usage/limits): an object costs 1, a connection 2 and what its elements cost.

const (
	version = "2026-01" // Shopify answers with its oldest supported version when this one is gone

	batch       = 3    // products of a page, at about 240 points each with the first 20 variants
	moreVariant = 80   // variants of a further query, at about 10 points each
	itemsIn     = 40   // items whose levels are asked for at once, at about 18 points each
	levelsIn    = 5    // levels that come with their item
	moreLevels  = 250  // levels of a further query
	changedIn   = 250  // ids that come at once
	findIn      = 100  // items or variants whose products are asked for at once, at about 6 points each
	maxVariants = 2048 // per product: Shopify's own limit
	maxLevels   = 1000 // per item: Shopify's own limit of locations
	path        = "/admin/api/" + version + "/graphql.json"
)

const (
	picture = `preview{image{url}}`

	variantFields = `id title sku price inventoryPolicy inventoryQuantity updatedAt selectedOptions{name value}
 media(first:1){nodes{` + picture + `}} inventoryItem{id tracked updatedAt}`

	productFields = `id title handle status publishedAt vendor updatedAt options(first:3){name} featuredMedia{` + picture + `}
 media(first:10){nodes{` + picture + `}}
 variants(first:20){pageInfo{hasNextPage endCursor} nodes{` + variantFields + `}}`

	levelFields = `location{id} updatedAt quantities(names:["available"]){name quantity}`

	allProducts = `query AllProducts($first:Int!,$query:String){products(first:$first,sortKey:ID,query:$query){
 pageInfo{hasNextPage endCursor} nodes{` + productFields + `}}}`

	namedProducts = `query NamedProducts($ids:[ID!]!){nodes(ids:$ids){... on Product{` + productFields + `}}}`

	nextProduct = `query NextProduct($query:String){products(first:1,sortKey:ID,query:$query){nodes{id}}}`

	variantsOf = `query VariantsOf($id:ID!,$first:Int!,$after:String){product(id:$id){variants(first:$first,after:$after){
 pageInfo{hasNextPage endCursor} nodes{` + variantFields + `}}}}`

	levelsOfItems = `query LevelsOfItems($ids:[ID!]!,$first:Int!){nodes(ids:$ids){... on InventoryItem{id inventoryLevels(first:$first){
 pageInfo{hasNextPage endCursor} nodes{` + levelFields + `}}}}}`

	levelsOf = `query LevelsOf($id:ID!,$first:Int!,$after:String){inventoryItem(id:$id){inventoryLevels(first:$first,after:$after){
 pageInfo{hasNextPage endCursor} nodes{` + levelFields + `}}}}`

	changedProducts = `query ChangedProducts($first:Int!,$after:String,$query:String!){products(first:$first,after:$after,sortKey:UPDATED_AT,query:$query){
 pageInfo{hasNextPage endCursor} nodes{id}}}`

	findProducts = `query FindProducts($ids:[ID!]!){nodes(ids:$ids){
 ... on InventoryItem{variants(first:1){nodes{product{id}}}} ... on ProductVariant{product{id}}}}`

	countProducts = `query CountProducts{productsCount{count}}`
)
