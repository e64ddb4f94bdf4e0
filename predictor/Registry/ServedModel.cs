using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Registry;

/// <summary>The model that is served now, and its shadows. Only the thread of the processing loop changes them, between two records.</summary>
public sealed class ServedModel : IDisposable
{
    private readonly List<ShadowModel> _shadows = [];

    /// <param name="id">What predictions name as their model.</param>
    /// <param name="bins">How features were distributed in its training.</param>
    public ServedModel(Scorer scorer, string id, IReadOnlyList<FeatureBins>? bins = null)
    {
        (Scorer, Id, FeatureBins) = (scorer, id, bins ?? []);
    }

    public Scorer Scorer { get; private set; }

    public string Id { get; private set; }

    public IReadOnlyList<FeatureBins> FeatureBins { get; private set; }

    /// <summary>Models that are scored beside it.</summary>
    public IReadOnlyList<ShadowModel> Shadows => _shadows;

    /// <summary>Serves another model from the next snapshot on, if it can be fed with what the one before is fed with.</summary>
    /// <returns>Why it is refused, or null; the old one then stays.</returns>
    public string? Replace(ModelFile file, int threads)
    {
        if (TryOpen(file, threads, out Scorer? scorer) is { } reason) return reason;
        Scorer.Dispose();
        (Scorer, Id, FeatureBins) = (scorer!, file.Card.Id, file.Card.FeatureBins);
        DropShadows(id => id == Id);
        return null;
    }

    /// <summary>Lets a model score beside the served one.</summary>
    /// <returns>Why it is refused, or null.</returns>
    public string? AddShadow(ModelFile file, int threads)
    {
        if (TryOpen(file, threads, out Scorer? scorer) is { } reason) return reason;
        _shadows.Add(new ShadowModel(scorer!, file.Card.Id, file.Card.FeatureBins));
        return null;
    }

    /// <summary>Ends the shadows whose id is one of these.</summary>
    public void DropShadows(Predicate<string> which)
    {
        foreach (ShadowModel shadow in _shadows.Where(s => which(s.Id))) shadow.Scorer.Dispose();
        _shadows.RemoveAll(s => which(s.Id));
    }

    public void Dispose()
    {
        DropShadows(_ => true);
        Scorer.Dispose();
    }

    private string? TryOpen(ModelFile file, int threads, out Scorer? scorer)
    {
        scorer = null;
        return Differs(file.Card.Signature, Scorer.Signature) ?? ModelFile.TryOpen(file, threads, out scorer);
    }

    /// <summary>Snapshots come as they are, and dispatchers know horizons and levels from the predictions: a model for others is of another service.</summary>
    private static string? Differs(InputSignature wanted, InputSignature served) =>
        wanted.FeatureSet != served.FeatureSet ? $"it wants feature set '{wanted.FeatureSet}'; snapshots have '{served.FeatureSet}'"
        : wanted.StepMs != served.StepMs ? $"it wants steps of {wanted.StepMs} ms; snapshots have {served.StepMs} ms"
        : wanted.WindowSteps > served.WindowSteps ? $"it wants windows of {wanted.WindowSteps} steps; snapshots have {served.WindowSteps}"
        : !wanted.Features.All(served.Features.Contains) ? "it wants features that the served model does not know"
        : null;
}
