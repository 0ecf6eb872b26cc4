"""Reviews: from the order to findings that are kept, and what a person makes of those. This is their door."""

from beadwork.workflows.reviews.finding_beads import Made
from beadwork.workflows.reviews.ordering_review import ReviewRequest, order_review_again
from beadwork.workflows.reviews.review import review
from beadwork.workflows.reviews.reviews import Reviews
from beadwork.workflows.reviews.showing import FindingsView, FindingView, ReviewView
from beadwork.workflows.reviews.telling_review import tell_of_review

__all__ = [
    "FindingView",
    "FindingsView",
    "Made",
    "ReviewRequest",
    "ReviewView",
    "Reviews",
    "order_review_again",
    "review",
    "tell_of_review",
]
