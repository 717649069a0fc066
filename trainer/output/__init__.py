"""What is made of a trained model: card, export, chat; and a preview of a batch."""
