What Check says of templates that show what may be missing. Begun lines of what it says are enough.

>> a price
{{ variant.price }}
--
html: line 1: variant.price may be missing in {{ variant.price }}: write {{ variant.price | default: "…" }}, or {% if variant.price %} … {% endif %} around it

>> each on its line
a
{{ product.image }} {{ variant.sku }}
{{ activity.market }}
--
html: line 2: product.image may be missing
html: line 2: variant.sku may be missing
html: line 3: activity.market may be missing

>> a page, where there is a better one
<a href="{{ product.url }}">
--
html: line 1: product.url may be missing in {{ product.url }}: write {{ product.url | default: "…" }}, or {% if product.url %} … {% endif %} around it; {{ links.buy }} is always there, and counts clicks

>> what every message has
{{ product.title }} {{ source.title }} {{ source.name }} {{ links.buy }} {{ links.unsubscribe }} {{ activity.at }} {{ activity.asked_at | date: "%Y" }} {{ waitlist.waiting }}
--
fits

>> a default
{{ variant.price | default: "at a good price" }} {{ contact.first_name | upcase | default: "you" }}
--
fits

>> a default that may be missing itself
{{ variant.image | default: product.image }}
--
html: line 1: product.image may be missing

>> a default behind a default
{{ variant.image | default: product.image | default: "none" }}
--
fits

>> nothing on purpose
{{ variant.sku | default: "" }}
--
fits

>> in a filter
{{ product.title | append: variant.title }}
--
html: line 1: variant.title may be missing

>> a size
{{ contact.tags | size }}
--
fits

>> a guard
{% if variant.price %}{{ variant.price }}{% endif %}
--
fits

>> the guard of another
{% if product.image %}{{ variant.image }}{% endif %}
--
html: line 1: variant.image may be missing

>> beside the guard
{% if variant.price %}{% endif %}{{ variant.price }}
--
html: line 1: variant.price may be missing

>> in the other branch
{% if variant.price %}a{% else %}{{ variant.price }}{% endif %}
--
html: line 1: variant.price may be missing

>> and
{% if variant.price and variant.sku %}{{ variant.price }}{{ variant.sku }}{% endif %}
--
fits

>> or
{% if variant.price or variant.sku %}{{ variant.price }}{% endif %}
--
html: line 1: variant.price may be missing

>> and with or
{% if variant.price and variant.sku or product.vendor %}{{ variant.price }}{% endif %}
--
html: line 1: variant.price may be missing

>> unless
{% unless variant.price %}none{% else %}{{ variant.price }}{% endunless %}
--
fits

>> in unless
{% unless variant.price %}{{ variant.price }}{% endunless %}
--
html: line 1: variant.price may be missing

>> equal to a text
{% if product.vendor == "Acme" %}{{ product.vendor }}{% endif %}
--
fits

>> unlike a text, which nothing is as well
{% if product.vendor != "" %}{{ product.vendor }}{% endif %}
--
html: line 1: product.vendor may be missing

>> equal to nothing
{% if product.vendor == nil %}a{% else %}{{ product.vendor }}{% endif %}
--
fits

>> more than a number
{% if restock.units > 3 %}{{ restock.units }} left{% endif %}
--
fits

>> elsif
{% if product.vendor %}{{ product.vendor }}{% elsif variant.sku %}{{ variant.sku }}{% else %}{{ variant.sku }}{% endif %}
--
html: line 1: variant.sku may be missing

>> nested
{% if product.vendor %}{% if variant.sku %}{{ product.vendor }}{{ variant.sku }}{% endif %}{{ variant.sku }}{% endif %}
--
html: line 1: variant.sku may be missing

>> case
{% case contact.locale %}{% when "de", "fr" %}{{ contact.locale }}{% else %}{{ contact.locale }}{% endcase %}
--
html: line 1: contact.locale may be missing

>> a list
{% for t in contact.tags %}{{ t }} {{ contact.tags.first }}{% else %}none{% endfor %}
--
fits

>> a list that may be empty
{{ contact.tags | join: ", " }}
--
html: line 1: contact.tags may be missing

>> what a merchant notes of contacts
{{ contact.fields["shoe size"] }}{{ contact.fields.size | default: 42 }}
--
html: line 1: contact.fields["shoe size"] may be missing

>> a field by a name that is not known before
{% assign which = "a" %}{{ contact.fields[which] }}
--
html: line 1: contact.fields.[] may be missing

>> what a plugin sets
{{ plugin.scorer.tier }}
--
html: line 1: plugin.scorer.tier may be missing

>> a name for it
{% assign who = contact.first_name %}{{ who }}
--
html: line 1: who may be missing in {{ who }}: give it a value wherever the template comes from, or a default

>> a name for it with a default
{% assign who = contact.first_name | default: "you" %}{{ who }}
--
fits

>> a name that only one way gives
{% if product.vendor %}{% assign by = product.vendor %}{% endif %}{{ by }}
--
html: line 1: by may be missing

>> a name that all ways give
{% if product.vendor %}{% assign by = product.vendor %}{% else %}{% assign by = "us" %}{% endif %}{{ by }}
--
fits

>> before it has a value
{{ by }}{% assign by = "us" %}
--
html: line 1: by may be missing

>> a loop that takes it away
{% assign by = "us" %}{% for t in contact.tags %}{{ by }}{% assign by = product.vendor %}{% endfor %}
--
html: line 1: by may be missing

>> what is captured
{% capture x %}{% if variant.price %}{{ variant.price }}{% endif %}{% endcapture %}{{ x }}
--
fits

>> a comparison
{{ restock.units > 3 }}
--
fits

>> the block
{% back_in_stock %}
--
fits
