namespace Pipeline.Predictor.Training;

/// <summary>How far training is, at a validation.</summary>
/// <param name="Step">Updates made.</param>
/// <param name="Pinball">Mean training loss of the quantiles since the last report.</param>
/// <param name="Busy">Mean training loss of the probabilities since the last report.</param>
/// <param name="Validation">Loss of the averaged weights on the validation set.</param>
/// <param name="Best">Whether it is the lowest so far.</param>
/// <param name="Left">Time that the rest would take at this speed.</param>
public sealed record TrainingProgress(int Step, double Pinball, double Busy, double Validation, bool Best, TimeSpan Left);
