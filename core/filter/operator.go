package filter

import "restock/core"

// operand is what an operator compares with.
type operand uint8

const (
	someTexts   operand = iota // one, or a list
	flagged                    // true, and nothing else
	someNumbers                // one, or a list; of money with its currency
	oneNumber                  // of money with its currency
	twoNumbers                 // the lower one first
	someDays                   // "7 days"
	daysAgo                    // "7 days ago"
	oneDate                    // "2026-01-31"
	twoDates                   // the earlier one first
)

// want is what errors say was expected.
func (o operand) want(t fieldType) string {
	number := "a number, such as 5"
	if t == moneyField {
		number = "an amount with its currency, such as 50.00 EUR"
	}
	switch o {
	case flagged:
		return "true"
	case someNumbers, oneNumber:
		return number
	case twoNumbers:
		if t == moneyField {
			return "two amounts of one currency, the lower one first, such as [10.00 EUR, 50.00 EUR]"
		}
		return "two numbers, the lower one first, such as [1, 5]"
	case someDays:
		return "a number of days, such as 7 days"
	case daysAgo:
		return "a number of days ago, such as 30 days ago"
	case oneDate:
		return "a date, such as 2026-01-31"
	case twoDates:
		return "two dates, the earlier one first, such as [2026-01-01, 2026-01-31]"
	}
	return "text"
}

// operator is a way to compare.
type operator struct {
	op      core.FilterOp
	word    string // as it is written; several may share one and differ by what they compare with
	types   fieldType
	operand operand
	past    bool // can be asked of what occurred
}

// operators are all, in the order in which errors name them.
var operators = []operator{
	{op: core.OpIs, word: "is", types: textField | ownField, operand: someTexts},
	{op: core.OpIsNot, word: "is not", types: textField | ownField, operand: someTexts},
	{op: core.OpStarts, word: "starts with", types: textField | ownField, operand: someTexts},
	{op: core.OpEnds, word: "ends with", types: textField | ownField, operand: someTexts},
	{op: core.OpContains, word: "contains", types: textField | ownField, operand: someTexts},
	{op: core.OpContainsNot, word: "does not contain", types: textField | ownField, operand: someTexts},

	{op: core.OpHas, word: "has", types: listField, operand: someTexts},
	{op: core.OpHasNot, word: "does not have", types: listField, operand: someTexts},

	{op: core.OpEqual, word: "is", types: numberField | moneyField, operand: someNumbers},
	{op: core.OpNotEqual, word: "is not", types: numberField | moneyField, operand: someNumbers},
	{op: core.OpLess, word: "less than", types: numberField | moneyField | ownField, operand: oneNumber},
	{op: core.OpAtMost, word: "at most", types: numberField | moneyField | ownField, operand: oneNumber},
	{op: core.OpMore, word: "more than", types: numberField | moneyField | ownField, operand: oneNumber},
	{op: core.OpAtLeast, word: "at least", types: numberField | moneyField | ownField, operand: oneNumber},
	{op: core.OpBetween, word: "between", types: numberField | moneyField | ownField, operand: twoNumbers},

	{op: core.OpInTheLast, word: "in the last", types: timeField | ownField, operand: someDays, past: true},
	{op: core.OpMoreAgo, word: "more than", types: timeField | ownField, operand: daysAgo, past: true},
	{op: core.OpExactlyAgo, word: "exactly", types: timeField | ownField, operand: daysAgo, past: true},
	{op: core.OpBefore, word: "before", types: timeField | ownField, operand: oneDate, past: true},
	{op: core.OpAfter, word: "after", types: timeField | ownField, operand: oneDate, past: true},
	{op: core.OpOn, word: "on", types: timeField | ownField, operand: oneDate, past: true},
	{op: core.OpWithin, word: "between", types: timeField | ownField, operand: twoDates, past: true},
	{op: core.OpIn, word: "occurs in", types: timeField | ownField, operand: someDays},
	{op: core.OpInLess, word: "occurs in less than", types: timeField | ownField, operand: someDays},
	{op: core.OpInMore, word: "occurs in more than", types: timeField | ownField, operand: someDays},
	{op: core.OpAnniversary, word: "anniversary", types: timeField | ownField, operand: flagged},

	{op: core.OpEmpty, word: "has no value", types: everyField, operand: flagged},
	{op: core.OpPresent, word: "has any value", types: everyField, operand: flagged},
}

const everyField = textField | listField | numberField | moneyField | timeField | ownField

// operatorOf finds the operator of a field's condition.
func operatorOf(op core.FilterOp, t fieldType) (operator, bool) {
	for _, o := range operators {
		if o.op == op && o.types&t != 0 {
			return o, true
		}
	}
	return operator{}, false
}

// called are the operators of a word.
func called(word string, t fieldType, past bool) (all []operator) {
	for _, o := range operators {
		if o.word == word && o.types&t != 0 && (o.past || !past) {
			all = append(all, o)
		}
	}
	return all
}

// words are those of a type's operators, each once.
func words(t fieldType, past bool) (all []string) {
	seen := map[string]bool{}
	for _, o := range operators {
		if o.types&t != 0 && (o.past || !past) && !seen[o.word] {
			seen[o.word] = true
			all = append(all, o.word)
		}
	}
	return all
}

// usual is what a condition means that names values and no operator.
func usual(t fieldType) (operator, bool) {
	switch t {
	case listField:
		return operatorOf(core.OpHas, t)
	case numberField, moneyField:
		return operatorOf(core.OpEqual, t)
	case timeField:
		return operator{}, false
	}
	return operatorOf(core.OpIs, t)
}

// occurrence is a word for which of a contact's activities is meant.
type occurrence struct {
	word string
	of   core.Occurrence
	not  bool
}

var which = []occurrence{
	{"has occurred", core.OccurredAny, false},
	{"has not occurred", core.OccurredAny, true},
	{"first occurred", core.OccurredFirst, false},
	{"last occurred", core.OccurredLast, false},
}
