package core

// Reason is why a message, capture or step ended as it did; the same string in logs, metrics, API and console.
type Reason string

// Reasons of captures.
const (
	ReasonWaiting       Reason = "waiting"        // a new place in line
	ReasonMerged        Reason = "merged"         // the contact already stands in that line
	ReasonAlreadyClosed Reason = "already_closed" // captured before the entry was closed
	ReasonErased        Reason = "erased"         // captured before its address was erased; of an intent: its contact was
	ReasonTrapped       Reason = "trapped"
	ReasonUnknownSource Reason = "unknown_source"
	ReasonPending       Reason = "pending" // waits for its contact to confirm
)

// Reasons of confirmations, beside expired.
const (
	ReasonConfirmed  Reason = "confirmed"   // of a step as well: there is nothing left to confirm
	ReasonNotAsked   Reason = "not_asked"   // nobody asked for it, or nobody is known by it any more
	ReasonTooMany    Reason = "too_many"    // there is no room for another
	ReasonNotPending Reason = "not_pending" // confirmed already, and nothing came since
)

// Reasons why entries of the journal were passed over.
const (
	ReasonUnreadable Reason = "unreadable"
	ReasonGap        Reason = "gap" // an edge's batch that begins beyond the next number
)

// Reasons of webhooks.
const (
	ReasonApplied        Reason = "applied"
	ReasonDuplicate      Reason = "duplicate"
	ReasonBadPayload     Reason = "bad_payload"
	ReasonUnhandledTopic Reason = "unhandled_topic"
	ReasonHeld           Reason = "held_for_approval" // of a reading: it would bring back too many variants at once
	ReasonApproved       Reason = "approved"
	ReasonDropped        Reason = "dropped"
)

// Reasons of pages of a source's API, and what one corrected.
const (
	ReasonOutdated         Reason = "outdated"          // the source is read in another way by now
	ReasonProductCorrected Reason = "product_corrected" // was not known, or otherwise
	ReasonVariantCorrected Reason = "variant_corrected"
	ReasonLevelCorrected   Reason = "level_corrected"
	ReasonRemovalCorrected Reason = "removal_corrected" // was known, and is not there any more
	ReasonRestockFound     Reason = "restock_found"     // that no webhook had told
)

// Reasons of waves, and of what an operator says about a restock.
const (
	ReasonBegun       Reason = "begun"
	ReasonPaused      Reason = "paused_by_operator"  // of an intent: held until the restock is resumed
	ReasonStopped     Reason = "stopped_by_operator" // of an intent
	ReasonRestockOver Reason = "restock_over"        // there is nothing to say about it any more
)

// Reasons of orders; one that took its buyer off a line counts as bought.
const (
	ReasonNotBought   Reason = "not_bought"   // not placed yet, cancelled or failed
	ReasonNobodyWaits Reason = "nobody_waits" // its buyer stands in no line for what was bought
)

// Reasons of attributions: what an order came to for the restocks whose messages led to it.
const (
	ReasonAttributed Reason = "attributed"
	ReasonAmended    Reason = "amended"    // it counts, for another amount or restock than before
	ReasonTakenBack  Reason = "taken_back" // it was cancelled or refunded
	ReasonUnsettled  Reason = "unsettled"  // nobody knows yet whether the provider took the message
)

// Reasons of steps.
const (
	ReasonEntered      Reason = "entered"
	ReasonDelayed      Reason = "delayed"
	ReasonConditionYes Reason = "condition_yes"
	ReasonConditionNo  Reason = "condition_no"
	ReasonPluginFailed Reason = "plugin_failed"
	ReasonIntended     Reason = "intended" // a line in the ledger was written
	ReasonNoAddress    Reason = "no_address"
	ReasonTooManySteps Reason = "too_many_steps"
	ReasonShapeGone    Reason = "shape_gone"
	ReasonJourneyOff   Reason = "journey_off"
	ReasonCompleted    Reason = "completed"

	ReasonDatePassed  Reason = "date_passed" // a delay's, before the run came
	ReasonFilterYes   Reason = "filter_yes"
	ReasonFilterNo    Reason = "filter_no"
	ReasonFilterWaits Reason = "filter_waits"
	ReasonSplit       Reason = "split"
	ReasonActed       Reason = "acted"
	ReasonContinued   Reason = "plugin_continued"
	ReasonPluginDelay Reason = "plugin_delayed"
	ReasonBranched    Reason = "plugin_branched"
	ReasonPluginExit  Reason = "plugin_exit"
	ReasonExited      Reason = "exited"            // by an exit shape
	ReasonShapePaused Reason = "shape_paused"      // it stands there until the shape is resumed
	ReasonResumed     Reason = "resumed"           // the shape was
	ReasonMoved       Reason = "moved_by_operator" // past the shape
	ReasonLimited     Reason = "limit_reached"     // the contact passed the shape as often as it may
	ReasonTurn        Reason = "rate_limited"      // it waits for its turn
	ReasonNewVersion  Reason = "new_version"       // the journey was edited since the run moved last
	ReasonInside      Reason = "already_inside"    // not entered: the contact is inside, and the journey takes it once at a time
	ReasonBefore      Reason = "entered_before"    // not entered: the contact entered before, or not long enough ago
	ReasonEarly       Reason = "told_early"        // not entered: a journey with a head start tells the contact instead
	ReasonLeftBought  Reason = "exit_bought"       // exit criteria, from here on
	ReasonLeftUnsub   Reason = "exit_unsubscribed"
	ReasonLeftSoldOut Reason = "exit_sold_out"
	ReasonLeftWhere   Reason = "exit_filter"
	ReasonLeftStood   Reason = "exit_stood_too_long"
)

// Reasons of intents.
const (
	ReasonAccepted     Reason = "accepted"
	ReasonOutOfStock   Reason = "out_of_stock_at_send"
	ReasonSuppressed   Reason = "suppressed"
	ReasonUnsubscribed Reason = "unsubscribed" // by the link in a message
	ReasonExpired      Reason = "expired"
	ReasonTemplate     Reason = "template_failed"
	ReasonSenderGone   Reason = "sender_gone"
	ReasonTemporary    Reason = "provider_temporary"
	ReasonRefused      Reason = "provider_refused"
	ReasonUnanswered   Reason = "provider_unanswered"
	ReasonGivenUp      Reason = "gave_up"
	ReasonNotWaiting   Reason = "not_waiting"   // left the line before the message went out
	ReasonInterrupted  Reason = "interrupted"   // the leader went away during the call
	ReasonNotToRemind  Reason = "not_to_remind" // of a reminder: was not told, bought, or asked anew
	ReasonNotLow       Reason = "not_low"       // of what says that few are left: there are many again

	ReasonNoConsent    Reason = "no_consent"        // to messages of that purpose by that channel
	ReasonWithdrawn    Reason = "consent_withdrawn" // by its contact, since it asked
	ReasonNotConfirmed Reason = "not_confirmed"     // the address was to be confirmed, and has not been
	ReasonQuiet        Reason = "quiet_hours"
	ReasonFrequency    Reason = "frequency_cap"
	ReasonAlreadySent  Reason = "already_sent" // it was sent again by an operator, and the first one had arrived
	ReasonGateNo       Reason = "gate_no"      // a plugin said no
	ReasonResent       Reason = "resent"       // an operator has it sent again
	ReasonClicked      Reason = "clicked"

	ReasonBroadcastPaused  Reason = "broadcast_paused" // held until it is resumed
	ReasonBroadcastStopped Reason = "broadcast_stopped"
)

// Reasons why a broadcast passes over a contact of its audience, beside no_address, no_consent and suppressed.
const (
	ReasonAlreadyTold Reason = "already_told" // about the restock, or is about to be
	ReasonJoinedLater Reason = "joined_later" // than the broadcast began
)

// Reasons why an address is not sent to any more, beside unsubscribed; of an intent, why a provider would not take it.
const (
	ReasonBounced    Reason = "bounced"      // the provider or the mail server says that nobody is there
	ReasonComplained Reason = "complained"   // its owner called a message spam
	ReasonGone       Reason = "address_gone" // a browser's subscription that has ended; it is deleted
)
