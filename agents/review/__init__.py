"""Review by people: what they say of a run's texts, where they differ, what of it goes into an export, and how far the
debate agent agrees with them.

    book = ReviewBook(run)                        # RUN/reviews.jsonl, read again where others have written
    book.write(make_review(text, "accept", ...))  # on the disk when it returns
    apply_reviews(result, book, "prefer", tally)  # an image as people left it
"""
