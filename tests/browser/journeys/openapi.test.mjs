// The interface as it is served, before an outside judge of OpenAPI.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Caller } from '../caller.mjs';
import { World } from '../harness.mjs';

const world = new World();
let platform;

before(async () => {
  platform = await world.platform();
});
after(() => world.close());

test('p18_both_documents_are_openapi_3_1', async () => {
  const phone = await Caller.make(platform);
  const documents = [await phone.call('GET', '/openapi.json'), await (await fetch(`${platform.http}/openapi.json`)).json()];
  for (const document of documents) {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(document);
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, '3.1');
    assert.ok(Object.keys(document.paths).length > 10);
    delete document.info.title;
    assert.equal((await new Validator().validate(document)).valid, false, 'the judge refuses what is none');
  }
});
