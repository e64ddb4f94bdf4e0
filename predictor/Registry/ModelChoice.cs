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
        next.ShadowIds.Add((now?.ShadowIds ?? []).Where(other => other != id));
        return next;
    }

    /// <summary>The model before is served again.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static ServingChoice Rollback(ServingChoice? now, long unixMs)
    {
        if (now is null || now.Ids.Count < 2) throw new UserException("there is no model before the served one to go back to; 'predictor models list' shows what there is");
        return new ServingChoice { ChosenUnixMs = unixMs, Ids = { now.Ids.Skip(1) }, ShadowIds = { now.ShadowIds.Where(id => id != now.Ids[1]) } };
    }

    /// <summary>A model scores beside the served one from now on; where there are too many, the oldest shadow ends.</summary>
    /// <exception cref="UserException">Nothing is served by choice, or this model is.</exception>
    public static ServingChoice Shadow(ServingChoice? now, string id, long unixMs)
    {
        if (now is null) throw new UserException("no model was published yet: a shadow stands beside a published one");
        if (now.Ids[0] == id) throw new UserException($"{id} is served: it cannot be its own shadow");
        return new ServingChoice { ChosenUnixMs = unixMs, Ids = { now.Ids }, ShadowIds = { now.ShadowIds.Where(other => other != id).Append(id).TakeLast(ModelValidator.ShadowsMax) } };
    }

    /// <summary>A shadow ends.</summary>
    /// <exception cref="UserException">It is none.</exception>
    public static ServingChoice EndShadow(ServingChoice? now, string id, long unixMs) => now is not null && now.ShadowIds.Contains(id)
        ? new ServingChoice { ChosenUnixMs = unixMs, Ids = { now.Ids }, ShadowIds = { now.ShadowIds.Where(other => other != id) } }
        : throw new UserException($"{id} is no shadow; 'predictor models list' shows what there is");
}
