namespace Pipeline.Predictor.Evaluation;

/// <summary>Curves of one method at one horizon and one age of own reports, over onset cases.</summary>
/// <param name="Method">As in <see cref="EvaluationResult"/>, like the next two.</param>
/// <param name="HorizonSteps">Length of the horizon.</param>
/// <param name="StaleSteps">Withheld steps.</param>
/// <param name="Reliability">Mean probability and frequency of bins of equal mass.</param>
/// <param name="PrecisionRecall">Recall and precision, rising over the recall.</param>
public sealed record EvaluationCurve(
    string Method, int HorizonSteps, int StaleSteps, (double Probability, double Frequency)[] Reliability, (double Recall, double Precision)[] PrecisionRecall);
