using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Registry;

/// <summary>The model that is served now. Only the thread of the processing loop changes it, between two records.</summary>
public sealed class ServedModel : IDisposable
{
    /// <param name="id">What predictions name as their model.</param>
    public ServedModel(Scorer scorer, string id)
    {
        (Scorer, Id) = (scorer, id);
    }

    public Scorer Scorer { get; private set; }

    public string Id { get; private set; }

    /// <summary>Serves another model from the next snapshot on, if it can be fed with what the one before is fed with.</summary>
    /// <returns>Why it is refused, or null; the old one then stays.</returns>
    public string? Replace(ModelFile file, int threads)
    {
        if (Differs(file.Card.Signature, Scorer.Signature) is { } reason) return reason;
        if (ModelFile.TryOpen(file, threads, out Scorer? scorer) is { } wrong) return wrong;
        Scorer.Dispose();
        (Scorer, Id) = (scorer!, file.Card.Id);
        return null;
    }

    public void Dispose() => Scorer.Dispose();

    /// <summary>Snapshots come as they are, and dispatchers know horizons and levels from the predictions: a model for others is of another service.</summary>
    private static string? Differs(InputSignature wanted, InputSignature served) =>
        wanted.FeatureSet != served.FeatureSet ? $"it wants feature set '{wanted.FeatureSet}'; snapshots have '{served.FeatureSet}'"
        : wanted.StepMs != served.StepMs ? $"it wants steps of {wanted.StepMs} ms; snapshots have {served.StepMs} ms"
        : wanted.WindowSteps > served.WindowSteps ? $"it wants windows of {wanted.WindowSteps} steps; snapshots have {served.WindowSteps}"
        : !wanted.Features.All(served.Features.Contains) ? "it wants features that the served model does not know"
        : null;
}
