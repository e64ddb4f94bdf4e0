using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Registry;

/// <summary>A model that scores live snapshots and is not acted on.</summary>
/// <param name="FeatureBins">How features were distributed in its training.</param>
public sealed record ShadowModel(Scorer Scorer, string Id, IReadOnlyList<FeatureBins> FeatureBins);
