using Pipeline.Infra.CommandLine;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Predictor.Registry;

/// <summary>Decides which model is served next; pure.</summary>
public static class ModelChoice
{
    /// <summary>A model is served from now on; the one before is kept to go back to.</summary>
    public static ServingChoice Publish(ServingChoice? now, string id, long unixMs)
    {
        ServingChoice next = new() { ChosenUnixMs = unixMs, Ids = { id } };
        next.Ids.Add((now?.Ids ?? []).Where(other => other != id).Take(ModelValidator.ChoicesMax - 1));
        return next;
    }

    /// <summary>The model before is served again.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static ServingChoice Rollback(ServingChoice? now, long unixMs)
    {
        if (now is null || now.Ids.Count < 2) throw new UserException("there is no model before the served one to go back to; 'predictor models list' shows what there is");
        return new ServingChoice { ChosenUnixMs = unixMs, Ids = { now.Ids.Skip(1) } };
    }
}
